using System.Globalization;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models.T5;

/// <summary>
/// T5 described by data: both stacks' sizes, and what v1.1 changed (gated feed-forward, a head of its own that takes states unscaled).
/// Places have no end, so neither has the context.
/// </summary>
public sealed record T5Config : ModelConfig
{
    internal const string Embedding = "shared";
    internal const string Encoder = "encoder";
    internal const string Decoder = "decoder";
    internal const string SelfAttention = "SelfAttention";
    internal const string CrossAttention = "EncDecAttention";
    internal const string FeedForward = "DenseReluDense";

    public override required string ModelType { get; init; }

    /// <summary>Layers of the decoder; <see cref="ModelConfig.Layers"/> counts the encoder's.</summary>
    public required int DecoderLayers { get; init; }

    /// <summary>The width of the feed-forward layers.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Whether wi is wi_0, which is a gate, and wi_1.</summary>
    public required bool Gated { get; init; }

    public required Activation Activation { get; init; }

    /// <summary>ε of the norms.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>Buckets of distances.</summary>
    public required int Buckets { get; init; }

    /// <summary>The distance from which all share the last bucket.</summary>
    public required int FarthestPlace { get; init; }

    /// <summary>Whether the head is the embedding.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>Whether the decoder's states are divided by √D before the head.</summary>
    public required bool ScaledHead { get; init; }

    /// <summary>The token that every answer starts after.</summary>
    public required int StartToken { get; init; }

    public override string EmbeddingPath => Embedding;

    public override string HeadPath => "lm_head";

    public override PeftTask Task => PeftTask.EncoderDecoder;

    /// <summary>What people who list T5's modules name, and only its other layout has.</summary>
    public override IReadOnlyList<string> AbsentModules => Gated ? ["wi"] : ["wi_0", "wi_1"];

    public override IReadOnlyList<LinearShape> Linears
    {
        get
        {
            List<LinearShape> all = [.. LinearsOf(Encoder), .. LinearsOf(Decoder)];
            if (!TiedHead)
                all.Add(HeadShape);
            return all;
        }
    }

    public override IReadOnlyDictionary<string, IReadOnlyList<long>> Weights
    {
        get
        {
            var all = new Dictionary<string, IReadOnlyList<long>> { [$"{Embedding}.weight"] = [VocabularySize, HiddenSize] };
            foreach (var stack in new[] { Encoder, Decoder })
            {
                all[BiasOf(stack)] = [Buckets, Heads];
                for (var layer = 0; layer < LayersOf(stack); layer++)
                {
                    for (var part = 0; part < (stack == Decoder ? 3 : 2); part++)
                        all[$"{Part(stack, layer, part)}.layer_norm.weight"] = [HiddenSize];
                }
                all[LastNormOf(stack)] = [HiddenSize];
            }
            foreach (var linear in Linears)
                all[$"{linear.Path}.weight"] = [linear.Out, linear.In];
            return all;
        }
    }

    internal override bool IsOnlyLookedUp(string weight) => !TiedHead && weight == $"{EmbeddingPath}.weight";

    internal override IReadOnlyList<LayerShape> LayerShapes =>
        [.. new[] { Encoder, Decoder }.SelectMany(stack => Enumerable.Range(0, LayersOf(stack)).Select(layer => LayerShape.Of(this, stack == Encoder, [.. LinearsOf(stack, layer)])))];

    internal IReadOnlyList<string> FeedForwardInputs => Gated ? ["wi_0", "wi_1"] : ["wi"];

    public override T5Model Build(WeightLookup weights, Attachments? attached = null) => new(this, weights, attached ?? new Attachments());

    public override int Blocks => Layers + DecoderLayers;

    /// <summary>AdapterHub gives the attention to the encoder a bottleneck only where cross_adapter says so, which no preset does.</summary>
    public override string BlockPath(int layer, SubLayer part)
    {
        var (stack, index, last) = layer < Layers ? (Encoder, layer, 1) : (Decoder, layer - Layers, 2);
        return Part(stack, index, part == SubLayer.Attention ? 0 : last);
    }

    public override KeyValueCache NewCache(int rows, int capacity, ScalarType format) => new(DecoderLayers, rows, Heads, capacity, HeadSize, format);

    internal static string Part(string stack, int layer, int part) => string.Create(CultureInfo.InvariantCulture, $"{stack}.block.{layer}.layer.{part}");

    internal static string BiasOf(string stack) => $"{Part(stack, 0, 0)}.{SelfAttention}.relative_attention_bias.weight";

    internal static string LastNormOf(string stack) => $"{stack}.final_layer_norm.weight";

    internal int LayersOf(string stack) => stack == Encoder ? Layers : DecoderLayers;

    private IEnumerable<LinearShape> LinearsOf(string stack) => Enumerable.Range(0, LayersOf(stack)).SelectMany(layer => LinearsOf(stack, layer));

    private IEnumerable<LinearShape> LinearsOf(string stack, int layer)
    {
        long inner = (long)Heads * HeadSize;
        string[] attentions = stack == Encoder ? [SelfAttention] : [SelfAttention, CrossAttention];
        for (var part = 0; part < attentions.Length; part++)
        {
            var path = $"{Part(stack, layer, part)}.{attentions[part]}";
            foreach (var name in new[] { "q", "k", "v" })
                yield return new LinearShape($"{path}.{name}", HiddenSize, inner);
            yield return new LinearShape($"{path}.o", inner, HiddenSize);
        }
        var forward = $"{Part(stack, layer, attentions.Length)}.{FeedForward}";
        foreach (var name in FeedForwardInputs)
            yield return new LinearShape($"{forward}.{name}", HiddenSize, IntermediateSize);
        yield return new LinearShape($"{forward}.wo", IntermediateSize, HiddenSize);
    }
}
