using PeftCluster.Examples.Make.World;
using PeftCluster.Quickstart.Make.Tasks;
using PeftCluster.Quickstart.Make;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Quickstart;

/// <summary>The pre-training tasks: repeatable, true, and without a ticket.</summary>
public sealed class FamilyTests
{
    private static readonly IReadOnlySet<string> Reserved = TicketData.Draw(Recipe.Seed, Recipe.TrainRows, Recipe.HeldoutRows).Inputs;

    private static FamilyTasks Tasks(long seed) => new(new PhiloxStream(seed, "test"), Reserved);

    [Fact]
    public void Equal_seeds_ask_equal_questions()
    {
        var (one, same, other) = (Tasks(1), Tasks(1), Tasks(2));
        Row[] rows = [.. Enumerable.Range(0, 100).Select(_ => one.Next())];
        Assert.Equal(rows, Enumerable.Range(0, 100).Select(_ => same.Next()));
        Assert.NotEqual(rows, Enumerable.Range(0, 100).Select(_ => other.Next()));
    }

    [Fact]
    public void The_base_never_meets_the_task_or_an_order_of_its_data()
    {
        var tasks = Tasks(3);
        for (var i = 0; i < 5000; i++)
        {
            foreach (var row in tasks.Series(2, Layout.MostFields).Append(tasks.Next()))
            {
                Assert.NotEqual(TicketTask.Instruction, row.Instruction);
                Assert.DoesNotContain(row.Input, Reserved);
            }
        }
    }

    [Fact]
    public void A_reserved_order_is_never_asked_about()
    {
        var first = Tasks(4).Question();
        var without = new FamilyTasks(new PhiloxStream(4, "test"), new HashSet<string> { first.Input });
        Assert.NotEqual(first.Input, without.Question().Input);
    }

    [Fact]
    public void Half_of_the_checks_are_right_and_their_answers_too()
    {
        var tasks = Tasks(5);
        Row[] rows = [.. Enumerable.Range(0, 400).Select(_ => tasks.Check())];
        Assert.InRange(rows.Count(row => row.Output == "yes"), 150, 250);
        Assert.All(rows, row => Assert.Equal(row.Output == "yes", Asked(row)));
    }

    [Fact]
    public void Two_orders_with_one_sentence_are_one_order()
    {
        var random = new PhiloxStream(6, "test");
        Order[] orders = [.. Enumerable.Range(0, 5000).Select(_ => Order.Draw(random))];
        string Told(Order order) => $"{string.Join('|', order.Values)}|{order.Form}";
        Assert.Equal(orders.Select(Told).Distinct().Count(), orders.Select(order => order.Sentence).Distinct().Count());
    }

    // "Is the colour red?" is so if the order's words hold the value.
    private static bool Asked(Row row) =>
        row.Input.Split(' ', ',', ':', '.').Contains(row.Instruction.TrimEnd('?').Split(' ')[^1]);
}
