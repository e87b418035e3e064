using System.Diagnostics;
using System.Globalization;
using PeftCluster.Data.Formats;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>What preparing the data found, for people.</summary>
/// <param name="Train">The training rows.</param>
/// <param name="Eval">The held-out rows, or null without data.eval.</param>
/// <param name="SharedPrompts">Held-out rows whose prompt, token by token, is also a training row's.</param>
/// <param name="Warnings">One sentence each; none where all is well.</param>
public sealed record PreparationReport(SetReport Train, SetReport? Eval, int SharedPrompts, IReadOnlyList<string> Warnings)
{
    /// <summary>The rows that were left out, the first of each reason: place, what, and the key that left them out.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    internal static IEnumerable<string> Warn(SetInput input, SetReport set, DataSpec data)
    {
        if (set.Truncated > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{input.Key}: {set.Truncated:N0} of {set.Rows:N0} rows were cut at data.max_length {data.MaxLength:N0}. Raise it to learn from whole rows.");
        foreach (var (reason, rows, first) in set.LeftOut)
        {
            var what = reason switch
            {
                LeftOutReason.Empty => "have nothing to learn and were left out (data.on_empty: skip)",
                LeftOutReason.BadRow => $"cannot be used and were left out (data.on_bad_row: skip); the first is {input.PlaceOf(first[0])}: {first[0].What.TrimEnd('.')}",
                LeftOutReason.TooLong => string.Create(CultureInfo.InvariantCulture, $"have more tokens than data.max_length {data.MaxLength:N0} and were left out (data.on_too_long: skip)"),
                LeftOutReason.TooShort => string.Create(CultureInfo.InvariantCulture, $"have fewer tokens than data.min_length {data.MinLength:N0} and were left out"),
                LeftOutReason.Duplicate => "came before and were left out (data.drop_duplicates)",
                _ => throw new UnreachableException($"no words for {reason}"),
            };
            yield return string.Create(CultureInfo.InvariantCulture, $"{input.Key}: {rows:N0} rows {what}.");
        }
    }

    internal static IEnumerable<string> Listed(SetInput input, SetReport set) =>
        set.LeftOut.SelectMany(one => one.First.Select(row => $"{input.PlaceOf(row)}: {row.What} Left out by {KeyOf(one.Reason)}."));

    private static string KeyOf(LeftOutReason reason) => reason switch
    {
        LeftOutReason.Empty => "data.on_empty",
        LeftOutReason.BadRow => "data.on_bad_row",
        LeftOutReason.TooLong => "data.on_too_long",
        LeftOutReason.TooShort => "data.min_length",
        LeftOutReason.Duplicate => "data.drop_duplicates",
        _ => throw new UnreachableException($"no key for {reason}"),
    };
}
