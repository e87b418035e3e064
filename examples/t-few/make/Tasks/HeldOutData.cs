using PeftCluster.Steps.Randomness;

namespace PeftCluster.TFew.Make.Tasks;

/// <summary>Rows of the held-out family: labelled ones to learn from, and held-out ones. No two rows share an order.</summary>
internal sealed record HeldOutData(IReadOnlyList<HeldOutRow> Train, IReadOnlyList<HeldOutRow> Heldout)
{
    /// <summary>The orders of both: what pre-training must never show.</summary>
    public IReadOnlySet<string> Orders => Train.Concat(Heldout).Select(row => row.Order).ToHashSet(StringComparer.Ordinal);

    /// <summary>Orders that both have: none.</summary>
    public int Overlap => Heldout.Select(row => row.Order).Intersect(Train.Select(row => row.Order), StringComparer.Ordinal).Count();

    public static HeldOutData Draw(long seed, int train, int heldout)
    {
        var random = new PhiloxStream(seed, "held-out family");
        var rows = new Dictionary<string, HeldOutRow>(StringComparer.Ordinal);
        while (rows.Count < train + heldout)
        {
            var row = HeldOutRow.Of(HeldOutTask.Family.Draw(random));
            rows.TryAdd(row.Order, row);
        }
        return new HeldOutData([.. rows.Values.Take(train)], [.. rows.Values.Skip(train)]);
    }
}
