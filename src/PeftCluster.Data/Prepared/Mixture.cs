using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// How often each example of a mixture stands in a pass. Epochs: the whole rows n times, and of a fraction a random part once more. Weights: as many rows as all
/// entries have together, shared by weight, each share made of whole repeats and a random part. Nothing but seed, counts and the order of
/// entries decides, in whole numbers and exact IEEE divisions: the same on every machine.
/// </summary>
internal static class Mixture
{
    /// <summary>The rows of the pass, by their numbers before it; entry after entry, repeat after repeat, each in the files' order.</summary>
    /// <param name="sources">The entries; either all have a weight or none has.</param>
    /// <param name="counts">How many rows each has; they are numbered one entry after another.</param>
    /// <param name="seed">Draws the parts.</param>
    /// <exception cref="BadInputException">An entry with a weight has no rows, or the pass has more rows than can be numbered.</exception>
    public static List<int> Pass(IReadOnlyList<DataSource> sources, IReadOnlyList<int> counts, long seed)
    {
        var wanted = sources.Any(source => source.Weight is not null) ? Shares(sources, counts) : Repeats(sources, counts);
        if (wanted.Sum() > int.MaxValue)
            throw new BadInputException($"the mixture has {wanted.Sum():N0} rows in a pass, more than {int.MaxValue:N0}. Lower the epochs.");
        var pass = new List<int>((int)wanted.Sum());
        var first = 0;
        for (var entry = 0; entry < counts.Count; entry++)
        {
            var rows = Enumerable.Range(first, counts[entry]).ToArray();
            for (var left = wanted[entry]; left > 0 && rows.Length > 0; left -= rows.Length)
                pass.AddRange(left >= rows.Length ? rows : Part(rows, (int)left, seed, entry));
            first += counts[entry];
        }
        return pass;
    }

    private static long[] Repeats(IReadOnlyList<DataSource> sources, IReadOnlyList<int> counts) =>
        [.. sources.Zip(counts, (source, count) => (long)Math.Round((source.Epochs ?? 1) * count, MidpointRounding.ToEven))];

    /// <summary>Shares of whole rows by the largest remainder; of equal ones, the earlier entry's.</summary>
    private static long[] Shares(IReadOnlyList<DataSource> sources, IReadOnlyList<int> counts)
    {
        for (var entry = 0; entry < sources.Count; entry++)
        {
            if (counts[entry] == 0)
                throw new BadInputException($"{sources[entry].Path}: has no rows that are used, so it cannot have a share of the mixture. Remove it.");
        }
        var all = counts.Sum(count => (long)count);
        var weights = sources.Sum(source => source.Weight!.Value);
        double[] exact = [.. sources.Select(source => source.Weight!.Value / weights * all)];
        long[] shares = [.. exact.Select(share => (long)Math.Floor(share))];
        foreach (var entry in Enumerable.Range(0, shares.Length).OrderByDescending(entry => exact[entry] - shares[entry]).Take((int)(all - shares.Sum())))
            shares[entry]++;
        return shares;
    }

    private static IEnumerable<int> Part(int[] rows, int count, long seed, int entry)
    {
        var drawn = rows.ToArray();
        new PhiloxStream(seed, PhiloxPurpose.Mixture, (ulong)entry).Shuffle(drawn);
        return drawn.Take(count).Order();
    }
}
