using System.Globalization;

namespace PeftCluster.Data.Prepared;

/// <summary>What preparing the data found, for people.</summary>
/// <param name="Train">The training rows.</param>
/// <param name="Eval">The held-out rows, or null without data.eval.</param>
/// <param name="SharedPrompts">Held-out rows whose prompt, token by token, is also a training row's.</param>
/// <param name="Warnings">One sentence each; none where all is well.</param>
public sealed record PreparationReport(SetReport Train, SetReport? Eval, int SharedPrompts, IReadOnlyList<string> Warnings)
{
    internal static IEnumerable<string> Warn(string key, SetReport set, int maxLength)
    {
        if (set.Truncated > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{key}: {set.Truncated:N0} of {set.Rows:N0} rows were cut at data.max_length {maxLength:N0}. Raise it to learn from whole rows.");
        if (set.Skipped > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{key}: {set.Skipped:N0} rows have nothing to learn and were left out (data.on_empty: skip).");
    }
}
