using System.Runtime.InteropServices;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>
/// Rows of the embedding that are trained themselves, for some tokens. PEFT calls the tensor [n, D] a delta, but it holds the rows' new values, in
/// the order in which the tokens are named.
/// </summary>
internal sealed record TokenRows(string Path, IReadOnlyList<int> Tokens, long Vocabulary, long Width)
{
    public string Key => $"{AdapterFolder.KeyPrefix}{Path}.token_adapter.trainable_tokens_delta";

    public string Weight => $"{Path}.weight";

    public (string Key, IReadOnlyList<long> Shape, ParameterGroup Group) Tensor => (Key, [Tokens.Count, Width], new ParameterGroup());

    /// <exception cref="BadInputException">A token that the model does not have, or an embedding that something else shares.</exception>
    public static TokenRows? Of(LoraSpec spec, ModelConfig model, bool isAdapted)
    {
        if (spec.TrainableTokenIndices is not { } tokens)
            return null;
        if (model is not DecoderConfig)
            throw new BadInputException($"method.trainable_token_indices: models of model_type {model.ModelType} cannot train single tokens. Leave it out.");
        if (tokens.FirstOrDefault(token => token >= model.VocabularySize, -1) is >= 0 and var stranger)
            throw new BadInputException($"method.trainable_token_indices: {stranger} is no token of this model, which has {model.VocabularySize}.");
        if (!model.Weights.ContainsKey($"{model.HeadPath}.weight"))
            throw new BadInputException("method.trainable_token_indices: this model's output head shares the embedding, and would have to be trained too. Leave it out.");
        if (isAdapted || spec.ModulesToSave?.Any(name => model.EmbeddingPath == name || model.EmbeddingPath.EndsWith("." + name, StringComparison.Ordinal)) == true)
            throw new BadInputException($"method.trainable_token_indices: {model.EmbeddingPath} is trained in another way too. Use one of the two.");
        return new TokenRows(model.EmbeddingPath, tokens, model.VocabularySize, model.HiddenSize);
    }

    /// <summary>The rows as the base has them.</summary>
    public void Fill(VectorLayout layout, Span<float> vector, WeightLookup weights)
    {
        using var scope = NewDisposeScope();
        MemoryMarshal.Cast<byte, float>(weights(Weight).index_select(0, Numbers()).bytes).CopyTo(layout.Of(vector, Key));
    }

    /// <summary>What changes x [B, T, D] of ids [B, T]. Which token has which row is known once.</summary>
    public EmbeddingChange Change(TrainedVector vector)
    {
        var rowOfToken = Enumerable.Repeat(-1L, (int)Vocabulary).ToArray();
        foreach (var (row, token) in Tokens.Index())
            rowOfToken[token] = row;
        return (ids, x, _) =>
        {
            var rows = tensor(ids.reshape(-1).data<long>().Select(id => rowOfToken[id]).ToArray());
            var trained = vector[Key].index_select(0, rows.clamp(0)).view(x.shape);
            return where(rows.ge(0).view([.. ids.shape, 1]), trained, x);
        };
    }

    /// <summary>W with the trained rows in it.</summary>
    public Tensor Merged(Tensor weight, Tensor rows)
    {
        using var scope = NewDisposeScope();
        return weight.index_copy(0, Numbers(), rows).DetachFromDisposeScope();
    }

    private Tensor Numbers() => tensor(Tokens.Select(token => (long)token).ToArray());
}
