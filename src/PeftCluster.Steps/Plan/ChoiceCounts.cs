namespace PeftCluster.Steps.Plan;

/// <summary>What the losses on answer choices are divided by, each by its own. Micro-batches add.</summary>
/// <param name="RightTokens">Tokens of right answers, for L_LM.</param>
/// <param name="WrongTokens">Tokens of all wrong choices, for L_UL.</param>
/// <param name="Examples">For L_LN.</param>
public readonly record struct ChoiceCounts(long RightTokens, long WrongTokens, long Examples)
{
    public static ChoiceCounts operator +(ChoiceCounts left, ChoiceCounts right) => left.Add(right);

    public ChoiceCounts Add(ChoiceCounts other) => new(RightTokens + other.RightTokens, WrongTokens + other.WrongTokens, Examples + other.Examples);
}
