using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>
/// A module's A and B as a file has them, with the scale that its configuration gives them: what can be said of a LoRA adapter without its
/// base model. Of an embedding it is A [r, V], B [D, r], so that B A is the change of its transpose.
/// </summary>
/// <param name="Path">The module.</param>
/// <param name="A">[r, in]</param>
/// <param name="B">[out, r]</param>
/// <param name="Scale">s = α ÷ r, or α ÷ √r with rank-stabilised scaling.</param>
internal sealed record LoraPair(string Path, SafetensorsEntry A, SafetensorsEntry B, double Scale)
{
    public const string EndOfA = ".lora_A.weight";
    public const string EndOfB = ".lora_B.weight";
    public const string EndOfEmbeddingA = ".lora_embedding_A";
    public const string EndOfEmbeddingB = ".lora_embedding_B";

    private static readonly (string A, string B)[] Ends = [(EndOfA, EndOfB), (EndOfEmbeddingA, EndOfEmbeddingB)];

    public int Rank => checked((int)A.Shape[0]);

    public long In => A.Shape[1];

    public long Out => B.Shape[0];

    /// <summary>The pairs of a LoRA adapter, in the order of their paths. No number is read.</summary>
    /// <exception cref="BadInputException">A partner is missing, or shapes do not go together or not with the configuration.</exception>
    public static IReadOnlyList<LoraPair> Of(AdapterFolder adapter)
    {
        var spec = (LoraSpec)adapter.Method;
        var byName = adapter.Weights.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var pairs = new List<LoraPair>();
        foreach (var (endOfA, endOfB) in Ends)
        {
            foreach (var path in adapter.Weights.Tensors.SelectMany(tensor => PathOf(tensor.Name, endOfA) ?? PathOf(tensor.Name, endOfB) ?? []).Distinct(StringComparer.Ordinal))
            {
                var (a, b) = (Get(path + endOfA), Get(path + endOfB));
                var module = path.StartsWith(AdapterFolder.KeyPrefix, StringComparison.Ordinal) ? path[AdapterFolder.KeyPrefix.Length..] : path;
                var rank = TargetModules.Of(spec.RankPattern, module, spec.R);
                if (a.Shape is not [var rows, _] || b.Shape is not [_, var columns] || rows != rank || columns != rank)
                    throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                        $"{adapter.Weights.Path}: \"{a.Name}\" [{string.Join(", ", a.Shape)}] and \"{b.Name}\" [{string.Join(", ", b.Shape)}] are no pair of rank {rank}, which adapter_config.json gives them. Take both files from the same adapter."));
                pairs.Add(new LoraPair(module, a, b, LoraTarget.ScaleOf(spec, module, rank)));
            }
        }
        return [.. pairs.OrderBy(pair => pair.Path, StringComparer.Ordinal)];

        SafetensorsEntry Get(string name) => byName.TryGetValue(name, out var tensor) ? tensor
            : throw new BadInputException($"{adapter.Weights.Path}: \"{name}\" is missing beside its partner. The file is not whole: download or write it again.");
    }

    /// <summary>s · B A [out, in], in the current dispose scope.</summary>
    public Tensor Change(AdapterWeights weights)
    {
        using var scope = NewDisposeScope();
        return Matrix(B, weights.NumbersOf(B)).mm(Matrix(A, weights.NumbersOf(A))).Times_(Scale).MoveToOuterDisposeScope();
    }

    /// <summary>Numbers that were read as a tensor, in the current dispose scope.</summary>
    public static Tensor Matrix(SafetensorsEntry entry, float[] numbers) => tensor(numbers, [.. entry.Shape]);

    private static string[]? PathOf(string name, string end) => name.EndsWith(end, StringComparison.Ordinal) ? [name[..^end.Length]] : null;
}
