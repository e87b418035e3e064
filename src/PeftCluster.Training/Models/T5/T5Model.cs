using PeftCluster.Steps.Plan;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models.T5;

/// <summary>
/// T5 over somebody's weights (Raffel et al., arXiv 1910.10683; v1.1, T0, Flan-T5 and mT5 differ in config.json only). Unusual: what it gives
/// for a batch is its decoder bound to that batch's encoded prompts, so that whatever works with a causal model works with this one.
/// Virtual tokens stand before the source, a learnt prefix before the decoder's keys, as with PEFT. B rows, S source tokens, D hidden size.
/// </summary>
public sealed class T5Model : ILanguageModel
{
    private readonly T5Config _config;
    private readonly Attachments _attached;
    private readonly ScalarType _flowing;
    private readonly Tensor _embedding_VD;
    private readonly T5Stack _encoder, _decoder;

    internal T5Model(T5Config config, WeightLookup frozen, Attachments attached)
    {
        (_config, _attached) = (config, attached);
        var weights = attached.Over(frozen);
        _flowing = attached.Flowing(config, frozen);
        _embedding_VD = weights($"{T5Config.Embedding}.weight");
        Head = attached.Around(new OutputHead(config.TiedHead ? _embedding_VD : weights($"{config.HeadPath}.weight"), null) { Flowing = _flowing });
        var shapes = config.Linears.ToDictionary(shape => shape.Path, StringComparer.Ordinal);
        ILinear Wrapped(string path) => attached.Around(shapes[path], new Linear(weights($"{path}.weight"), null), _flowing);
        IBlock? Block(int layer, SubLayer part) => attached.Behind(layer, part, _flowing);
        _encoder = new T5Stack(config, T5Config.Encoder, weights, Wrapped, Block, _flowing);
        _decoder = new T5Stack(config, T5Config.Decoder, weights, Wrapped, Block, _flowing);
    }

    public ModelConfig Config => _config;

    public OutputHead Head { get; }

    public CausalRows Begin(PromptRows rows, CancellationToken cancellation = default) =>
        Bind(Read(rows, cancellation), rows.Count, row => rows.Tokens(row)[rows.PromptLength(row)..]);

    public CausalRows Begin(ChoiceRows choices, CancellationToken cancellation = default) =>
        Bind(Read(choices.Prompts(), cancellation) with { Owners = choices.Owners }, choices.Count, choices.Choice);

    private CausalRows Bind(T5Source source, int count, TokensOf answer)
    {
        var bound = new T5Decoder(_config, Head, _embedding_VD, _decoder, source, _attached, _flowing);
        int[][] sequences = [.. Enumerable.Range(0, count).Select(row => (int[])[_config.StartToken, .. answer(row)])];
        // A row's last token is predicted, never read; but the token of start always is.
        var length = PaddedLength.Of(Math.Max(1, sequences.Max(sequence => sequence.Length) - 1));
        return new CausalRows(bound, count, row => sequences[row], _ => 1, length);
    }

    /// <summary>The encoder's states of the prompts, as the decoder's layers see them.</summary>
    private T5Source Read(PromptRows rows, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var (x_BSD, hidden_B11S) = Embed(rows);
        var length = x_BSD.shape[1];
        var bias = _encoder.Bias.Of(Arithmetic.Range(0, length, x_BSD.device).unsqueeze(0), length);
        if (hidden_B11S is not null)
            bias = bias.Plus(hidden_B11S);
        var stack = new LayerStack(_encoder.Layers.Count, [bias], (layer, x, shared) => _encoder.Layers[layer].Forward(x, shared[0]!, null, null, null));
        var states_BSD = _encoder.Norm.Forward(_attached.Through(stack, x_BSD, cancellation));
        KeysAndValues[] seen = [.. _decoder.Layers.Select(layer => layer.Cross!.KeysOf(states_BSD))];
        foreach (var one in seen)
            (_, _) = (one.Key_BHSN.MoveToOuterDisposeScope(), one.Value_BHSN.MoveToOuterDisposeScope());
        return new T5Source(seen, hidden_B11S?.MoveToOuterDisposeScope());
    }

    /// <summary>The sources' embeddings, and what hides their padding.</summary>
    private (Tensor Embeddings_BSD, Tensor? Hiding_B11S) Embed(PromptRows rows)
    {
        int[] lengths = [.. Enumerable.Range(0, rows.Count).Select(rows.PromptLength)];
        ArgumentOutOfRangeException.ThrowIfLessThan(lengths.Min(), 1, nameof(rows));
        var length = PaddedLength.Of(lengths.Max());
        var ids_BS = PaddedRows.Of(rows.Count, row => rows.Tokens(row)[..lengths[row]], length, _config.VocabularySize).to(_embedding_VD.device);
        var x_BSD = _attached.BehindVirtualTokens(_attached.Embed(_embedding_VD, ids_BS, _flowing));
        var before = _attached.VirtualTokens?.Count ?? 0;
        if (Array.TrueForAll(lengths, own => own == length))
            return (x_BSD, null);
        var end_B111 = tensor(lengths, ScalarType.Int64, x_BSD.device).view(-1, 1, 1, 1).Plus(before);
        var padding_B11S = Arithmetic.Range(0, before + length, x_BSD.device).view(1, 1, 1, -1).ge(end_B111);
        return (x_BSD, zeros_like(padding_B11S, _flowing).MaskedFill(padding_B11S, double.NegativeInfinity));
    }
}

/// <summary>Encoded prompts.</summary>
/// <param name="Layers">Keys and values for each layer of the decoder.</param>
/// <param name="Hiding_B11S">−∞ where the source is padding, else 0; null: there is no padding.</param>
internal sealed record T5Source(IReadOnlyList<KeysAndValues> Layers, Tensor? Hiding_B11S)
{
    /// <summary>Of each of the decoder's rows the prompt that it answers; null: one row for each prompt, or the same number of rows for each, one prompt's after another's.</summary>
    public IReadOnlyList<int>? Owners { get; init; }
}
