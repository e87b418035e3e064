using PeftCluster.Examples.Make.Pretraining;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.TFew.Make.Pretraining;

/// <summary>
/// Where pre-training starts: σ = 1 for the embedding, and about 1 ÷ √in for matrices. Three things are unusual. Tables of
/// places start wide, since their numbers move by no more than the learning rate a step, and a head that sees neighbours needs large ones. A query is
/// made as its key is, so that a token starts by seeing its equals. The head starts as the embedding, so that a token that was found is said.
/// </summary>
internal static class InitialWeights
{
    private const double Embedding = 1, Places = 2, Queries = 0.06, Outputs = 0.07, Others = 0.1, HeadOverEmbedding = 0.1;

    public static TrainableWeights Of(ModelConfig config, long seed)
    {
        var weights = new TrainableWeights(config, seed, Spread);
        using var off = no_grad();
        foreach (var query in config.Weights.Keys.Where(name => name.EndsWith(".q.weight", StringComparison.Ordinal)))
            weights[query.Replace(".q.", ".k.", StringComparison.Ordinal)].copy_(weights[query]);
        using var head = weights[$"{config.EmbeddingPath}.weight"].Times(HeadOverEmbedding);
        weights[$"{config.HeadPath}.weight"].copy_(head);
        return weights;
    }

    private static double Spread(string name) => name switch
    {
        "shared.weight" => Embedding,
        _ when name.EndsWith("relative_attention_bias.weight", StringComparison.Ordinal) => Places,
        _ when name.EndsWith(".q.weight", StringComparison.Ordinal) => Queries,
        _ when name.EndsWith(".wo.weight", StringComparison.Ordinal) => Outputs,
        _ => Others,
    };
}
