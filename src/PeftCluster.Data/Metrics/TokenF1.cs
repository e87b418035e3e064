namespace PeftCluster.Data.Metrics;

/// <summary>
/// How many words two answers share, in any order, by SQuAD (evaluate-v2.0.py, compute_f1; words as in <see cref="SquadText"/>). A word counts
/// as often as both have it. precision = shared ÷ words of the answer, recall = shared ÷ words expected, F1 = 2 · precision · recall ÷ (precision + recall).
/// </summary>
public static class TokenF1
{
    /// <returns>0 to 1. Where one has no words: 1 if the other has none either, else 0.</returns>
    public static double Of(string answer, string expected)
    {
        var (given, due) = (SquadText.Words(answer), SquadText.Words(expected));
        if (given.Count == 0 || due.Count == 0)
            return given.Count == due.Count ? 1 : 0;
        var left = due.CountBy(word => word, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var shared = 0;
        foreach (var word in given)
        {
            if (left.TryGetValue(word, out var times) && times > 0)
                (left[word], shared) = (times - 1, shared + 1);
        }
        return FMeasure.Of(shared, given.Count, due.Count);
    }
}
