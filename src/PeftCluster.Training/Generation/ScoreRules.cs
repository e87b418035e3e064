using System.Runtime.InteropServices;

namespace PeftCluster.Training.Generation;

/// <summary>
/// Rules that change the scores of a place's tokens for what the row has already, in the order of transformers: penalty of repetition,
/// repeated runs, the shortest answer. Scores are logits, or log-probabilities where beams are followed.
/// </summary>
internal static class ScoreRules
{
    private const float Never = float.NegativeInfinity;

    public static bool AreNeeded(Decoding decoding) =>
        decoding.RepetitionPenalty != 1 || decoding.NoRepeatNgramSize > 0 || decoding.MinNewTokens > 0 || decoding.MinLength > 0;

    /// <summary>Changes the scores of the next token.</summary>
    /// <param name="scores">V of them.</param>
    /// <param name="decoding">The rules.</param>
    /// <param name="row">Prompt and answer so far.</param>
    /// <param name="prompt">How many of them are prompt.</param>
    public static void Apply(Span<float> scores, Decoding decoding, IReadOnlyList<int> row, int prompt)
    {
        if (decoding.RepetitionPenalty != 1)
            Penalise(scores, row, (float)decoding.RepetitionPenalty);
        if (decoding.NoRepeatNgramSize > 0)
            DropRepeated(scores, row, decoding.NoRepeatNgramSize);
        if (row.Count < decoding.MinLength || row.Count - prompt < decoding.MinNewTokens)
        {
            foreach (var end in decoding.EndTokens)
                scores[end] = Never;
        }
    }

    private static void Penalise(Span<float> scores, IReadOnlyList<int> row, float penalty)
    {
        foreach (var token in row.Distinct())
        {
            ref var score = ref scores[token];
            score = score < 0 ? score * penalty : score / penalty;
        }
    }

    // The row's last n − 1 tokens may not be followed by what followed them before.
    private static void DropRepeated(Span<float> scores, IReadOnlyList<int> row, int size)
    {
        var all = CollectionsMarshal.AsSpan(row.ToList());
        if (all.Length + 1 < size)
            return;
        var last = all[(all.Length - size + 1)..];
        for (var start = 0; start + size <= all.Length; start++)
        {
            if (all.Slice(start, size - 1).SequenceEqual(last))
                scores[all[start + size - 1]] = Never;
        }
    }
}
