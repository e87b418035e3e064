using System.Globalization;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// A decoder described by data: every family is one of these, filled in by its reader in Families/. The defaults are llama's:
/// RMS norm before each block, rotary places, grouped key heads, gated MLP, blocks one after the other, no biases.
/// </summary>
public sealed record DecoderConfig : ModelConfig
{
    private readonly double? _attentionScale;

    public override required string ModelType { get; init; }

    /// <summary>I, the width of the MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>ε of the norms.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>Norms multiply by weight + this: 0, or 1 where files hold the difference from one.</summary>
    public double NormOffset { get; init; }

    /// <summary>Whether norms subtract the mean and have a bias; else they are RMS norms.</summary>
    public bool CentredNorm { get; init; }

    /// <summary>How heads turn with their place; null: they do not, and places are learnt (<see cref="DecoderNames.Places"/>).</summary>
    public required Rope? Rope { get; init; }

    /// <summary>Whether the head is the embedding.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>Whether query, key and value have a bias.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether attention's output layer has a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether the MLP's layers have a bias.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether a layer's attention and MLP both read what enters the layer.</summary>
    public bool ParallelResidual { get; init; }

    /// <summary>Whether a fused query, key and value layer gives them head by head, not one after the other.</summary>
    public bool InterleavedHeads { get; init; }

    /// <summary>Whether the layers' weights lie as [in, out].</summary>
    public bool TransposedWeights { get; init; }

    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>W of each layer: a token sees itself and the W − 1 before it; null: all before it. Empty: null in every layer.</summary>
    public IReadOnlyList<int?> Windows { get; init; } = [];

    /// <summary>What q kᵀ is multiplied by; 1 ÷ √N where nothing else is said.</summary>
    public double AttentionScale
    {
        get => _attentionScale ?? 1 / Math.Sqrt(HeadSize);
        init => _attentionScale = value;
    }

    /// <summary>c of attention's scores: c · tanh(score ÷ c); null: as they are.</summary>
    public double? AttentionCap { get; init; }

    /// <summary>c of the logits: c · tanh(logit ÷ c); null: as they are.</summary>
    public double? LogitCap { get; init; }

    /// <summary>What embeddings are multiplied by; null: as they are.</summary>
    public double? EmbeddingScale { get; init; }

    public DecoderNames Names { get; init; } = new();

    public override string EmbeddingPath => Names.Embedding;

    public override string HeadPath => Names.Head;

    public override IReadOnlyList<LinearShape> Linears
    {
        get
        {
            var all = new List<LinearShape>();
            for (var layer = 0; layer < Layers; layer++)
                all.AddRange(LinearsOf(layer));
            if (!TiedHead)
                all.Add(HeadShape);
            return all;
        }
    }

    public override IReadOnlyDictionary<string, IReadOnlyList<long>> Weights
    {
        get
        {
            var all = new Dictionary<string, IReadOnlyList<long>> { [$"{Names.Embedding}.weight"] = [VocabularySize, HiddenSize] };
            void Norm(string path, long size)
            {
                all[$"{path}.weight"] = [size];
                if (CentredNorm)
                    all[$"{path}.bias"] = [size];
            }
            if (Names.Places is { } places)
                all[$"{places}.weight"] = [ContextLength, HiddenSize];
            for (var layer = 0; layer < Layers; layer++)
            {
                foreach (var norm in new[] { Names.AttentionNorm, Names.AttentionOutputNorm, Names.MlpNorm, Names.MlpOutputNorm }.OfType<string>())
                    Norm(Inside(layer, norm), HiddenSize);
                foreach (var norm in new[] { Names.QueryNorm, Names.KeyNorm }.OfType<string>())
                    Norm(Inside(layer, norm), HeadSize);
            }
            Norm(Names.LastNorm, HiddenSize);
            foreach (var linear in Linears)
            {
                all[$"{linear.Path}.weight"] = linear.Transposed ? [linear.In, linear.Out] : [linear.Out, linear.In];
                if (linear.Bias)
                    all[$"{linear.Path}.bias"] = [linear.Out];
            }
            return all;
        }
    }

    internal override bool IsOnlyLookedUp(string weight) => !TiedHead && weight == $"{EmbeddingPath}.weight";

    internal override IReadOnlyList<LayerShape> LayerShapes => [.. Enumerable.Range(0, Layers).Select(layer => LayerShape.Of(this, layer, [.. LinearsOf(layer)]))];

    public override Decoder Build(WeightLookup weights, Attachments? attached = null) => new(this, weights, attached ?? new Attachments());

    public override string BlockPath(int layer, SubLayer part) => Inside(layer, part == SubLayer.Attention ? "attention_adapters" : "output_adapters");

    public override KeyValueCache NewCache(int rows, int capacity, ScalarType format) => new(Layers, rows, KeyHeads, capacity, HeadSize, format);

    /// <summary>The path of a layer's module.</summary>
    internal string Inside(int layer, string module) => string.Create(CultureInfo.InvariantCulture, $"{Names.Layers}.{layer}.{module}");

    /// <summary>W of a layer.</summary>
    internal int? WindowOf(int layer) => Windows.Count == 0 ? null : Windows[layer];

    private IEnumerable<LinearShape> LinearsOf(int layer)
    {
        LinearShape Shape(string name, long input, long output, bool bias) => new(Inside(layer, name), input, output) { Bias = bias, Transposed = TransposedWeights };
        var (query, key) = (Heads * HeadSize, KeyHeads * HeadSize);
        if (Names.QueryKeyValue is { } fused)
        {
            yield return Shape(fused, HiddenSize, query + 2 * key, QueryKeyValueBias);
        }
        else
        {
            yield return Shape(Names.Query, HiddenSize, query, QueryKeyValueBias);
            yield return Shape(Names.Key, HiddenSize, key, QueryKeyValueBias);
            yield return Shape(Names.Value, HiddenSize, key, QueryKeyValueBias);
        }
        yield return Shape(Names.AttentionOutput, query, HiddenSize, AttentionOutputBias);
        if (Names.GateUp is { } gateUp)
        {
            yield return Shape(gateUp, HiddenSize, 2 * IntermediateSize, MlpBias);
        }
        else
        {
            if (Names.Gate is { } gate)
                yield return Shape(gate, HiddenSize, IntermediateSize, MlpBias);
            yield return Shape(Names.Up, HiddenSize, IntermediateSize, MlpBias);
        }
        yield return Shape(Names.Down, IntermediateSize, HiddenSize, MlpBias);
    }
}
