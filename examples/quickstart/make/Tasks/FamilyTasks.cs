using PeftCluster.Examples.Make.World;
using PeftCluster.Examples.Make;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Quickstart.Make.Tasks;

/// <summary>
/// The tasks that the base is pre-trained on: everything one can ask about an order but a ticket. Each row is new; none of
/// the orders is a reserved one.
/// </summary>
/// <param name="random">What the rows are drawn from.</param>
/// <param name="reserved">Sentences that never occur: the inputs of the fine-tuning data.</param>
internal sealed class FamilyTasks(PhiloxStream random, IReadOnlySet<string> reserved)
{
    private static readonly string[] Papers = ["note", "label", "list", "bill", "card", "form", "letter", "slip"];
    private static readonly string[] AllWords = [.. Words.Fields.SelectMany(Words.Of)];

    /// <summary>One task with one order. Lists and random words teach copying; most rows are such.</summary>
    public Row Next() => random.NextBelow(20) switch
    {
        < 6 => Question(),
        < 14 => List(),
        < 15 => Check(),
        < 16 => Repeat(Order().Sentence),
        < 17 => Repeat($"The ticket for {random.Pick(Words.Of(Field.Customer))} is ready."),
        _ => Repeat(string.Join(' ', Enumerable.Range(0, 1 + random.NextBelow(8)).Select(_ => random.Pick(AllWords)))),
    };

    /// <summary>"Which colour?"</summary>
    public Row Question()
    {
        var (order, field) = (Order(), random.Pick(Words.Fields));
        return new Row($"Which {Words.Name(field)}?", order.Sentence, order[field]);
    }

    /// <summary>"List customer: day -> city."</summary>
    public Row List()
    {
        var (order, layout) = (Order(), Layout.Draw(random, 2 + random.NextBelow(Layout.MostFields - 1)));
        return new Row($"List {layout.Names}.", order.Sentence, layout.Write(order));
    }

    /// <summary>"Is the colour red?" Half of the answers are yes.</summary>
    public Row Check()
    {
        var (order, field) = (Order(), random.Pick(Words.Fields));
        var isSo = random.NextBelow(2) == 0;
        var asked = isSo ? order[field] : random.Pick([.. Words.Of(field).Where(value => value != order[field])]);
        return new Row($"Is the {Words.Name(field)} {asked}?", order.Sentence, isSo ? "yes" : "no");
    }

    /// <summary>
    /// Several orders in one layout that no word gives away ("Write the note."): only the rows before show how the last
    /// one is to be answered.
    /// </summary>
    /// <param name="rows">How many rows.</param>
    /// <param name="mostFields">The most fields of the layout.</param>
    public IReadOnlyList<Row> Series(int rows, int mostFields)
    {
        var layout = Layout.Draw(random, 1 + random.NextBelow(mostFields));
        var instruction = $"Write the {random.Pick(Papers)}.";
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            var order = Order();
            return new Row(instruction, order.Sentence, layout.Write(order));
        })];
    }

    private static Row Repeat(string text) => new($"Repeat: {text}", "", text);

    private Order Order()
    {
        while (true)
        {
            var order = Examples.Make.World.Order.Draw(random);
            if (!reserved.Contains(order.Sentence))
                return order;
        }
    }
}
