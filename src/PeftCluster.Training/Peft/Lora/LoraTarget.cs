using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>A layer that LoRA adapts, with the rank and the scale that it has there.</summary>
/// <param name="Layer">The linear layer.</param>
/// <param name="Rank">r</param>
/// <param name="Scale">s = α ÷ r, or α ÷ √r with rank-stabilised scaling (arXiv 2312.03732).</param>
/// <param name="HasMagnitude">Whether it learns the length of each output's weights too (DoRA).</param>
/// <param name="Ratio">B's learning rate by A's (LoRA+).</param>
/// <param name="Bias">How the bias beside B learns; null: there is none.</param>
internal sealed record LoraTarget(LinearShape Layer, int Rank, double Scale, bool HasMagnitude, double Ratio, ParameterGroup? Bias)
{
    private const string Prefix = AdapterFolder.KeyPrefix;

    public string KeyOfA => $"{Prefix}{Layer.Path}.lora_A.weight";

    public string KeyOfB => $"{Prefix}{Layer.Path}.lora_B.weight";

    public string KeyOfBias => $"{Prefix}{Layer.Path}.lora_B.bias";

    public string KeyOfMagnitude => $"{Prefix}{Layer.Path}.lora_magnitude_vector";

    /// <summary>A₀, what A began as, where it began as a part of the weight.</summary>
    public string KeyOfStartA => $"{Prefix}{Layer.Path}.start_A";

    public string KeyOfStartB => $"{Prefix}{Layer.Path}.start_B";

    public string Weight => $"{Layer.Path}.weight";

    /// <summary>What a spec makes of a layer.</summary>
    public static LoraTarget Of(LinearShape layer, LoraSpec spec)
    {
        var rank = TargetModules.Of(spec.RankPattern, layer.Path, spec.R);
        return new LoraTarget(layer, rank, ScaleOf(spec, layer.Path, rank), spec.UseDora, spec.LoraplusLrRatio ?? 1, spec.LoraBias ? LoraWholeWeights.Group(spec, isRow: true) : null);
    }

    /// <summary>s of a module.</summary>
    public static double ScaleOf(LoraSpec spec, string path, int rank) => TargetModules.Of(spec.AlphaPattern, path, spec.LoraAlpha) / (spec.UseRslora ? Math.Sqrt(rank) : rank);

    /// <summary>A [r, in], B [out, r] and perhaps b [out] or m [out].</summary>
    public IEnumerable<(string Key, IReadOnlyList<long> Shape, ParameterGroup Group)> Tensors()
    {
        yield return (KeyOfA, [Rank, Layer.In], new ParameterGroup());
        yield return (KeyOfB, [Layer.Out, Rank], new ParameterGroup(Ratio));
        if (Bias is not null)
            yield return (KeyOfBias, [Layer.Out], Bias);
        if (HasMagnitude)
            yield return (KeyOfMagnitude, [Layer.Out], new ParameterGroup(Ratio));
    }

    /// <summary>A₀ and B₀.</summary>
    public IEnumerable<(string Key, IReadOnlyList<long> Shape, ParameterGroup Group)> Starts() =>
        [(KeyOfStartA, [Rank, Layer.In], new ParameterGroup()), (KeyOfStartB, [Layer.Out, Rank], new ParameterGroup())];
}
