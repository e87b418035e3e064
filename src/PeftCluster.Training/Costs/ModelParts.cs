using PeftCluster.Training.Models;
using PeftCluster.Training.Models.T5;

namespace PeftCluster.Training.Costs;

/// <summary>
/// How many weights a token is multiplied with, by the part of the model that it passes. Left out are embeddings (rows are looked up, not multiplied),
/// norms, biases, attention's scores and what an adapter adds: N of Kaplan et al. 2020 (arXiv:2001.08361, table 1) has the same layers, without the head.
/// </summary>
public sealed record ModelParts
{
    /// <summary>Weights of an encoder's layers, for each token of the source; 0 where there is no encoder.</summary>
    public double Encoder { get; init; }

    /// <summary>Weights of a decoder that each token of the source passes as well: keys and values of its attention to the encoder.</summary>
    public double OfSource { get; init; }

    /// <summary>All other weights of the decoder's layers, or those of the only stack.</summary>
    public required double Decoder { get; init; }

    /// <summary>Weights of the output head, for each token that is predicted, whether they are the embedding's or not.</summary>
    public double Head { get; init; }

    /// <summary>Whether source and target go through stacks of their own.</summary>
    public bool HasEncoder => Encoder > 0;

    /// <summary>The parts of a model, counted from its shapes. A classifier's head reads one token of a row and counts as nothing.</summary>
    public static ModelParts Of(ModelConfig model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var layers = model.LayerShapes.ToLookup(layer => layer.ReadsSource);
        var ofSource = Count(layers[false].SelectMany(layer => layer.Linears).Where(IsOfSource));
        return new ModelParts
        {
            Encoder = Count(layers[true].SelectMany(layer => layer.Linears)),
            OfSource = ofSource,
            Decoder = Count(layers[false].SelectMany(layer => layer.Linears)) - ofSource,
            Head = model.Task == PeftTask.Classification ? 0 : Count([model.HeadShape]),
        };
    }

    /// <summary>An encoder and decoder of which only the size is known: half of it in each, as T-Few's paper counts (arXiv:2205.05638, section 4.2).</summary>
    /// <param name="parameters">N</param>
    public static ModelParts OfEncoderDecoder(double parameters) => new() { Encoder = parameters / 2, Decoder = parameters / 2 };

    /// <summary>A decoder of which only the size is known.</summary>
    /// <param name="parameters">N</param>
    public static ModelParts OfDecoder(double parameters) => new() { Decoder = parameters };

    private static bool IsOfSource(LinearShape linear) =>
        linear.Path.EndsWith($".{T5Config.CrossAttention}.k", StringComparison.Ordinal) || linear.Path.EndsWith($".{T5Config.CrossAttention}.v", StringComparison.Ordinal);

    private static long Count(IEnumerable<LinearShape> linears) => linears.Sum(linear => linear.In * linear.Out);
}
