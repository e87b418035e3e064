using PeftCluster.Examples.Make.World;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Quickstart.Make.Tasks;

/// <summary>The fine-tuning data: tickets to learn from and tickets held out. No two rows share an input.</summary>
internal sealed record TicketData(IReadOnlyList<Row> Train, IReadOnlyList<Row> Heldout)
{
    /// <summary>All inputs of both: what pre-training must never show.</summary>
    public IReadOnlySet<string> Inputs => Train.Concat(Heldout).Select(row => row.Input).ToHashSet(StringComparer.Ordinal);

    /// <summary>Inputs that both have: none.</summary>
    public int Overlap => Heldout.Select(row => row.Input).Intersect(Train.Select(row => row.Input), StringComparer.Ordinal).Count();

    public static TicketData Draw(long seed, int train, int heldout)
    {
        var random = new PhiloxStream(seed, "tickets");
        var rows = new Dictionary<string, Row>(StringComparer.Ordinal);
        while (rows.Count < train + heldout)
        {
            var row = TicketTask.Of(Order.Draw(random));
            rows.TryAdd(row.Input, row);
        }
        return new TicketData([.. rows.Values.Take(train)], [.. rows.Values.Skip(train)]);
    }

    /// <summary>
    /// Each row with the answer of another, drawn by chance: what can be learnt from it is the form of an answer, and
    /// nothing about the order.
    /// </summary>
    public static IReadOnlyList<Row> ShuffleLabels(IReadOnlyList<Row> rows, long seed)
    {
        int[] places = [.. Enumerable.Range(0, rows.Count)];
        new PhiloxStream(seed, "shuffled labels").Shuffle(places);
        return [.. rows.Select((row, place) => row with { Output = rows[places[place]].Output })];
    }
}
