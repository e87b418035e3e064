using System.Globalization;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Examples.Make.Pretraining;
using PeftCluster.Examples.Make;
using PeftCluster.Quickstart.Make.Tasks;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Models;

namespace PeftCluster.Quickstart.Make.Pretraining;

/// <summary>What the base can do on the way: exact match on fixed rows of its own tasks, and of the task it never learns.</summary>
internal sealed class Progress
{
    private const int Rows = 100;
    private readonly IReadOnlyList<(string Name, IReadOnlyList<TokenRow> Rows)> _measures;

    public Progress(TextTokenizer tokenizer, long seed, TicketData data)
    {
        var random = new PhiloxStream(seed, "progress");
        var tasks = new FamilyTasks(random, data.Inputs);
        IReadOnlyList<TokenRow> Many(Func<int, TokenRow> draw) => [.. Enumerable.Range(0, Rows).Select(draw)];
        IReadOnlyList<TokenRow> Tickets(int shots) =>
            Many(row => TokenRow.Of(tokenizer, [.. random.PickDifferent(data.Train, shots), data.Heldout[row]], learntFrom: shots));
        _measures =
        [
            ("question", Many(_ => TokenRow.Of(tokenizer, [tasks.Question()]))),
            ("list", Many(_ => TokenRow.Of(tokenizer, [tasks.List()]))),
            ("check", Many(_ => TokenRow.Of(tokenizer, [tasks.Check()]))),
            ("series of 4", Many(_ => TokenRow.Of(tokenizer, tasks.Series(4, Layout.MostFields), learntFrom: 3))),
            ("ticket, 0 shots", Tickets(0)),
            ("1", Tickets(1)),
            ("5", Tickets(5)),
        ];
    }

    /// <summary>One line: name and exact match of each.</summary>
    public string Line(ICausalModel model) => string.Join(", ", _measures.Select(measure =>
        string.Create(CultureInfo.InvariantCulture, $"{measure.Name} {Pretrainer.ExactMatch(measure.Rows.Count, () => Batch.Of(model, measure.Rows)):0.00}")));
}
