using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// Which training examples are learnt from, and whether their right choices are drawn anew (data.train_examples, balanced, shuffle_labels). Of one seed a smaller number of
/// examples is a part of a larger one, unless they are balanced. Who counts as an example of a choice is settled before labels are shuffled.
/// </summary>
/// <param name="Count">How many examples; null: all.</param>
/// <param name="Seed">Draws them, and the labels.</param>
/// <param name="Balanced">Whether each right choice has as many.</param>
/// <param name="Shuffled">Whether right choices are drawn anew.</param>
internal sealed record ExampleDraw(int? Count, long Seed, bool Balanced, bool Shuffled)
{
    /// <summary>What a job draws; null: nothing.</summary>
    public static ExampleDraw? Of(DataSpec data) => data is { TrainExamples: null, ShuffleLabels: false } ? null : new(data.TrainExamples, data.ExamplesSeed, data.Balanced, data.ShuffleLabels);

    /// <summary>Leaves the drawn examples in the spool, in the order of the files.</summary>
    /// <exception cref="BadInputException">There are fewer examples than are asked for.</exception>
    public void Apply(RowSpool spool)
    {
        var pool = spool.Count / spool.Variants;
        if (Count > pool)
            throw new BadInputException($"data.train_examples: {Count:N0} is more than the {pool:N0} training examples that there are. Lower it, or add rows to data.train.");
        var drawn = Count is not { } count ? null : Balanced ? OfEachChoice(spool, pool, count) : Part(Enumerable.Range(0, pool), count, stream: 0);
        if (Shuffled)
            spool.Relabel(row => new PhiloxStream(Seed, PhiloxPurpose.ShuffledLabels, (ulong)(row / spool.Variants)).NextBelow(spool[row].Spans));
        if (drawn is not null)
            spool.Choose(spool.RowsOf(drawn.Order()));
    }

    private List<int> OfEachChoice(RowSpool spool, int pool, int count)
    {
        var classes = Enumerable.Range(0, pool).ToLookup(example => spool.Choices(example * spool.Variants).Right);
        var rights = classes.Select(group => group.Key).Order().ToArray();
        // Who has one more than the others, where they do not divide evenly.
        var more = Part(rights, count % rights.Length, stream: 0);
        var drawn = new List<int>();
        foreach (var right in rights)
        {
            var (share, have) = (count / rights.Length + (more.Contains(right) ? 1 : 0), classes[right].Count());
            if (have < share)
                throw new BadInputException($"data.balanced: {share:N0} of {count:N0} examples should have choice {right} (from 0) for their right one, and {have:N0} are there. Lower data.train_examples, or remove balanced.");
            drawn.AddRange(Part(classes[right], share, stream: 1 + (ulong)right));
        }
        return drawn;
    }

    private List<int> Part(IEnumerable<int> examples, int count, ulong stream)
    {
        var all = examples.ToArray();
        new PhiloxStream(Seed, PhiloxPurpose.Examples, stream).Shuffle(all);
        return [.. all.Take(count)];
    }
}
