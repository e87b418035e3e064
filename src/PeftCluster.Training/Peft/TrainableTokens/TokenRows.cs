using PeftCluster.Jobs;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Models.T5;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.TrainableTokens;

/// <summary>
/// Rows of the embedding that are trained themselves, for some tokens. PEFT calls the tensor [n, D] a delta, but it holds the rows' new values, in
/// the order in which the tokens are named. A head that shares the embedding has them too.
/// </summary>
/// <param name="Path">The embedding.</param>
/// <param name="Key">The tensor's key in the adapter's file.</param>
/// <param name="Tokens">The tokens' ids.</param>
/// <param name="Vocabulary">V</param>
/// <param name="Width">D</param>
/// <param name="OnHead">Whether embedding and head are one weight.</param>
internal sealed record TokenRows(string Path, string Key, IReadOnlyList<int> Tokens, long Vocabulary, long Width, bool OnHead)
{
    public const string KeyEnd = ".trainable_tokens_delta";

    public string Weight => $"{Path}.weight";

    public (string Key, IReadOnlyList<long> Shape, ParameterGroup Group) Tensor => (Key, [Tokens.Count, Width], new ParameterGroup());

    /// <param name="jobKey">The key of job.yaml that names the tokens.</param>
    /// <param name="tokens">Their ids.</param>
    /// <param name="model">The model.</param>
    /// <param name="inside">What stands in the file's key between the embedding's path and the tensor.</param>
    /// <exception cref="BadInputException">A token that the model does not have, or a model whose embedding cannot be trained so.</exception>
    public static TokenRows Of(string jobKey, IReadOnlyList<int> tokens, ModelConfig model, string inside = "")
    {
        if (model.Task == PeftTask.Classification)
            throw new BadInputException($"{jobKey}: models of model_type {model.ModelType} cannot train single tokens. Leave it out, or choose another method.");
        // PEFT follows the embedding to encoder and decoder by the tie with the head.
        if (model is T5Config { TiedHead: false })
            throw new BadInputException($"{jobKey}: in a model of model_type {model.ModelType} whose head has a weight of its own, PEFT reaches neither encoder nor decoder. Leave it out, or choose another method.");
        if (tokens.FirstOrDefault(token => token >= model.VocabularySize, -1) is >= 0 and var stranger)
            throw new BadInputException($"{jobKey}: {stranger} is no token of this model, which has {model.VocabularySize}.");
        if (tokens.GroupBy(token => token).FirstOrDefault(same => same.Count() > 1)?.Key is { } twice)
            throw new BadInputException($"{jobKey}: {twice} is named twice. Name each token once.");
        return new TokenRows(model.EmbeddingPath, $"{AdapterFolder.KeyPrefix}{model.EmbeddingPath}{inside}{KeyEnd}", tokens, model.VocabularySize, model.HiddenSize, model.SharesHead);
    }

    /// <summary>The rows as the base has them.</summary>
    public void Fill(VectorLayout layout, Span<float> vector, WeightLookup weights)
    {
        using var scope = NewDisposeScope();
        weights(Weight).index_select(0, Ids()).CopyNumbersTo(layout.Of(vector, Key));
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
            var trained = vector[Key].index_select(0, rows.ClampMin(0)).view(x.shape);
            return where(rows.AtLeast(0).view([.. ids.shape, 1]), trained, x);
        };
    }

    /// <summary>What stands around the head; null where it has a weight of its own.</summary>
    public HeadWrapper? Head(TrainedVector vector) => OnHead ? plain => plain with { Change = new TokenHead(vector[Key], plain.Weight_VD, Tokens) } : null;

    /// <summary>W with the trained rows in it.</summary>
    public Tensor Merged(Tensor weight, Tensor rows)
    {
        using var scope = NewDisposeScope();
        return weight.index_copy(0, Ids(), rows).DetachFromDisposeScope();
    }

    private Tensor Ids() => tensor(Tokens.Select(token => (long)token).ToArray());
}
