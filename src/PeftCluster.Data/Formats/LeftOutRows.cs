using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Formats;

/// <summary>Counts what is left out of a set, by reason, and keeps the first rows of each to show.</summary>
internal sealed class LeftOutRows
{
    public const int MostListed = 20;

    private readonly SortedDictionary<LeftOutReason, (int Rows, List<LeftOutRow> First)> _byReason = [];

    public void Add(LeftOutReason reason, int file, int number, string what)
    {
        var (rows, first) = _byReason.GetValueOrDefault(reason, (0, []));
        if (first.Count < MostListed)
            first.Add(new LeftOutRow(file, number, OneLine.Of(what)));
        _byReason[reason] = (rows + 1, first);
    }

    public ValueList<LeftOut> All => new(_byReason.Select(one => new LeftOut(one.Key, one.Value.Rows, new ValueList<LeftOutRow>(one.Value.First))));
}
