using PeftCluster.Steps.Plan;

namespace PeftCluster.Data.Preflight;

/// <summary>Rows of about the same length.</summary>
/// <param name="From">Tokens of the shortest that belong here.</param>
/// <param name="To">Tokens of the longest.</param>
/// <param name="Train">Training rows.</param>
/// <param name="HeldOut">Held-out rows.</param>
public sealed record LengthBin(int From, int To, int Train, int HeldOut);

/// <summary>How long the rows are, in at most twenty steps of equal width: 1, 2 or 5 times a power of ten.</summary>
internal static class LengthHistogram
{
    private const int MostBins = 20;

    public static IReadOnlyList<LengthBin> Of(IRowIndex train, IRowIndex? heldOut)
    {
        var longest = Math.Max(Longest(train), heldOut is null ? 0 : Longest(heldOut));
        var width = Width(longest);
        var counts = new (int Train, int HeldOut)[(longest - 1) / width + 1];
        for (var row = 0; row < train.Count; row++)
            counts[(train.Length(row) - 1) / width].Train++;
        for (var row = 0; row < (heldOut?.Count ?? 0); row++)
            counts[(heldOut!.Length(row) - 1) / width].HeldOut++;
        return [.. counts.Select((count, bin) => new LengthBin(bin * width + 1, (bin + 1) * width, count.Train, count.HeldOut))];
    }

    private static int Longest(IRowIndex rows)
    {
        var longest = 1;
        for (var row = 0; row < rows.Count; row++)
            longest = Math.Max(longest, rows.Length(row));
        return longest;
    }

    private static int Width(int longest)
    {
        for (var power = 1; ; power *= 10)
        {
            foreach (var digit in (int[])[1, 2, 5])
            {
                if ((longest - 1) / (digit * power) < MostBins)
                    return digit * power;
            }
        }
    }
}
