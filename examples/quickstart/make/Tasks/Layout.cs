using PeftCluster.Examples.Make.World;
using PeftCluster.Examples.Make;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Quickstart.Make.Tasks;

/// <summary>
/// How an order is written in short: some fields in some order, with a sign after each but the last. A ticket has all six
/// fields; a layout has at most five, so that none of them is a ticket's.
/// </summary>
internal sealed record Layout(Field[] Fields, string[] Signs)
{
    public const int MostFields = 5;

    private static readonly string[] AllSigns = [", ", " / ", ": ", " -> ", " x ", " - ", "; ", " + ", " | ", " "];

    /// <summary>The order in this layout.</summary>
    public string Write(Order order) => Join(field => order[field]);

    /// <summary>The layout itself, with the fields' names.</summary>
    public string Names => Join(Words.Name);

    /// <summary>Any layout of so many fields; half of them have one sign throughout.</summary>
    public static Layout Draw(PhiloxStream random, int fields)
    {
        var chosen = random.PickDifferent(Words.Fields, fields);
        var one = random.Pick(AllSigns);
        var same = random.NextBelow(2) == 0;
        return new Layout(chosen, [.. chosen.Skip(1).Select(_ => same ? one : random.Pick(AllSigns))]);
    }

    private string Join(Func<Field, string> write) =>
        string.Concat(Fields.Select((field, place) => place == 0 ? write(field) : Signs[place - 1] + write(field)));
}
