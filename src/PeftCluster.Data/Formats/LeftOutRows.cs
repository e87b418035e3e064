using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Formats;

/// <summary>Counts what is left out of a set, by reason, and keeps the first rows of each to show, first by file and line.</summary>
internal sealed class LeftOutRows
{
    public const int MostListed = 20;

    private readonly SortedDictionary<LeftOutReason, (int Rows, List<LeftOutRow> First)> _byReason = [];

    public void Add(LeftOutReason reason, int file, int number, string what)
    {
        var (rows, first) = _byReason.GetValueOrDefault(reason, (0, []));
        // Rows come nearly in order: those that cannot be read are told of before the rows around them are tokens.
        var place = first.Count;
        while (place > 0 && (first[place - 1].File, first[place - 1].Number).CompareTo((file, number)) > 0)
            place--;
        if (place < MostListed)
            first.Insert(place, new LeftOutRow(file, number, OneLine.Of(what)));
        if (first.Count > MostListed)
            first.RemoveAt(MostListed);
        _byReason[reason] = (rows + 1, first);
    }

    public ValueList<LeftOut> All => new(_byReason.Select(one => new LeftOut(one.Key, one.Value.Rows, new ValueList<LeftOutRow>(one.Value.First))));
}
