namespace PeftCluster.Data.Metrics;

/// <summary>
/// Exact match as SQuAD counts it: whether two answers are the same words in the same order after <see cref="SquadText"/>'s normalisation
/// (evaluate-v2.0.py, compute_exact). <see cref="ExactMatch"/> is the strict one.
/// </summary>
public static class SquadMatch
{
    public static bool Of(string answer, string expected) => SquadText.Words(answer).SequenceEqual(SquadText.Words(expected));
}
