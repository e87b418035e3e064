namespace PeftCluster.Data.Metrics;

/// <summary>Whether an answer is the expected text, character by character; white space at both ends aside.</summary>
public static class ExactMatch
{
    public static bool Of(string answer, string expected) =>
        answer.AsSpan().Trim().SequenceEqual(expected.AsSpan().Trim());
}
