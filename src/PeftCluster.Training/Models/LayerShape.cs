namespace PeftCluster.Training.Models;

/// <summary>
/// A layer in numbers, from which what it keeps for its backward pass follows. Unusual: these are statements about the code beside it, about what
/// autograd saves of each operation; a test holds them against what is really kept. Q numbers of all query heads, I width of the MLP.
/// </summary>
/// <param name="Linears">The layer's linear layers; the output of each is kept, by what comes next or as the residual stream.</param>
internal sealed record LayerShape(IReadOnlyList<LinearShape> Linears)
{
    /// <summary>Whether its tokens are an encoder's.</summary>
    public bool ReadsSource { get; init; }

    /// <summary>Numbers of a token that are kept besides the outputs of <see cref="Linears"/>: attention's mix, an activation.</summary>
    public long Inside { get; init; }

    /// <summary>Numbers of a token that are kept in float32 whatever the model computes in: what norms widen.</summary>
    public long Widened { get; init; }

    /// <summary>Tensors [B, H, T, S] of its own tokens that are kept; 0 with the fused kernel.</summary>
    public int Scores { get; init; }

    /// <summary>The same for attention to an encoder.</summary>
    public int CrossScores { get; init; }

    /// <summary>Tensors of that kind that exist besides while the layer is computed, forward or backward.</summary>
    public int PassingScores { get; init; }

    /// <summary>A weight that attention adds to its scores: the fused kernel is used, and no scores are kept, where it is not trained. Null: there is none.</summary>
    public string? ScoreBias { get; init; }

    /// <summary>Numbers of a token that attention's mixes have, which the fused kernel keeps.</summary>
    public long Mixed { get; init; }

    /// <summary>The same layer where what is added to the scores is frozen.</summary>
    public LayerShape Fused() => ScoreBias is null ? this : this with { Scores = 0, CrossScores = 0, PassingScores = 0, Inside = Inside + Mixed };

    /// <summary>Numbers of a token of the source that are made of an encoder's states for this layer, its keys and values there: they stay from the first layer to the last, whatever is computed again.</summary>
    public long OfSource { get; init; }

    /// <summary>Whether attention keeps a mask [G · T, S] where a row has as many tokens; a learnt prefix makes one in any layer with the fused kernel.</summary>
    public bool HasWindow { get; init; }

    /// <summary>G, query heads that share a key head.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>H</summary>
    public required int Heads { get; init; }

    /// <summary>A decoder's layer.</summary>
    public static LayerShape Of(DecoderConfig config, int layer, IReadOnlyList<LinearShape> linears)
    {
        var (names, query, keys) = (config.Names, (long)config.Heads * config.HeadSize, (long)config.KeyHeads * config.HeadSize);
        // Views of one output keep all of it, so what is turned is kept beside it; and a norm of heads keeps what it is given.
        var turned = names.QueryKeyValue is not null && config.Rope is not null || names.QueryNorm is not null ? query + keys : 0;
        var norms = new[] { names.AttentionOutputNorm, names.MlpOutputNorm }.Count(norm => norm is not null);
        var stepByStep = config.AttentionCap is not null || config.AttentionScale != 1 / Math.Sqrt(config.HeadSize);
        return new LayerShape(linears)
        {
            Heads = config.Heads,
            Inside = query + turned + norms * config.HiddenSize + config.IntermediateSize * Kept(config.Activation, names.Gate is not null || names.GateUp is not null),
            Widened = config.CentredNorm ? 0 : (2 + norms) * config.HiddenSize + (names.QueryNorm is null ? 0 : query + keys),
            Scores = stepByStep ? 2 : 0,
            PassingScores = stepByStep ? 6 : 0,
            HasWindow = config.WindowOf(layer) is not null,
            Groups = config.Heads / config.KeyHeads,
        };
    }

    /// <summary>A layer of BERT's.</summary>
    public static LayerShape Of(Bert.BertConfig config, IReadOnlyList<LinearShape> linears) => new(linears)
    {
        Heads = config.Heads,
        Inside = config.HiddenSize + config.IntermediateSize * Kept(config.Activation, gated: false),
    };

    /// <summary>A layer of one of T5's stacks.</summary>
    public static LayerShape Of(T5.T5Config config, bool isEncoder, IReadOnlyList<LinearShape> linears) => new(linears)
    {
        Heads = config.Heads,
        ReadsSource = isEncoder,
        Inside = config.IntermediateSize * Kept(config.Activation, config.Gated),
        Widened = (isEncoder ? 2 : 3) * config.HiddenSize,
        Scores = 1,
        CrossScores = isEncoder ? 0 : 1,
        PassingScores = 3,
        ScoreBias = T5.T5Config.BiasOf(isEncoder ? T5.T5Config.Encoder : T5.T5Config.Decoder),
        Mixed = (isEncoder ? 1 : 2) * (long)config.Heads * config.HeadSize,
        OfSource = isEncoder ? 0 : 2 * (long)config.Heads * config.HeadSize,
    };

    // What an activation keeps besides its input: its output where its backward pass or the product with it reads that.
    private static int Kept(Activation activation, bool gated) => activation == Activation.Relu || gated ? 1 : 0;
}
