namespace PeftCluster.Training.Generation;

/// <summary>
/// How an answer is chosen: names, meanings and defaults are those of transformers' GenerationConfig, but for the count of tokens. As it is
/// made, it takes the likeliest token at each place.
/// </summary>
public sealed record Decoding
{
    /// <summary>The most tokens of an answer, at least one.</summary>
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>Tokens of the answer before which no token of end is taken.</summary>
    public int MinNewTokens { get; init; }

    /// <summary>The same, counted with the prompt.</summary>
    public int MinLength { get; init; }

    /// <summary>Tokens that end an answer, and are none of its tokens.</summary>
    public IReadOnlyCollection<int> EndTokens { get; init; } = [];

    /// <summary>Draw tokens by their probability.</summary>
    public bool Sample { get; init; }

    /// <summary>Scores are divided by it before probabilities are made; for sampling, above 0.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>So many of the likeliest tokens are kept, and what equals the last of them; for sampling; 0: all.</summary>
    public int TopK { get; init; }

    /// <summary>The likeliest tokens that together have this probability are kept; for sampling; in (0, 1].</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Tokens below this share of the likeliest one's probability are dropped; for sampling; in [0, 1].</summary>
    public double MinP { get; init; }

    /// <summary>Scores of tokens that the row has already are divided by it where positive, else multiplied; above 0.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>No run of so many tokens comes twice in a row; 0: any may.</summary>
    public int NoRepeatNgramSize { get; init; }

    /// <summary>Beams that are followed; 1: none.</summary>
    public int Beams { get; init; } = 1;

    /// <summary>A beam's sum of log-probabilities is divided by (its tokens)^this.</summary>
    public double LengthPenalty { get; init; } = 1;

    /// <summary>When a search with beams ends.</summary>
    public EarlyStopping EarlyStopping { get; init; }

    /// <summary>What sampling draws from.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Whether the likeliest token is taken as the model says it.</summary>
    internal bool IsPlain => !Sample && !ScoreRules.AreNeeded(this);
}

/// <summary>When a search with beams ends, once as many beams have ended as are followed.</summary>
public enum EarlyStopping
{
    /// <summary>When the best one that goes on would be worse at its present length.</summary>
    No,

    /// <summary>At once.</summary>
    Yes,

    /// <summary>When the best one that goes on would be worse at any length.</summary>
    Never,
}
