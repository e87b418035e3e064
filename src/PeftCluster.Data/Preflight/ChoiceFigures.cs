using System.Globalization;
using System.Text.Json.Serialization;
using PeftCluster.Data.Tasks;

namespace PeftCluster.Data.Preflight;

/// <summary>What a task makes of a job's rows.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Templates">The templates that are used, in the order of an example's rows.</param>
/// <param name="Answers">What the right answer may say, in the order of the choices; null: their numbers, from 0.</param>
/// <param name="Train">The training examples.</param>
/// <param name="HeldOut">The held-out examples, or null.</param>
public sealed record ChoiceFigures(string Task, IReadOnlyList<string> Templates, IReadOnlyList<string>? Answers, ChoiceBalance Train, ChoiceBalance? HeldOut)
{
    /// <summary>The same for people, a line each with its heading.</summary>
    [JsonIgnore]
    public IReadOnlyList<(string Heading, string Line)> Lines =>
    [
        ("task", $"{Task}, templates {string.Join(", ", Templates)}"),
        ("right", $"of {Train.InWords("training", Answers)}{(HeldOut is null ? "" : $"; of {HeldOut.InWords("held-out", Answers)}")}"),
    ];

    internal static ChoiceFigures? Of(DataTask? task, RowSet train, RowSet? heldOut) => task is null
        ? null
        : new(task.Name, [.. task.Templates.Select(template => template.Name)], task.Answers, ChoiceBalance.Of(train), heldOut is null ? null : ChoiceBalance.Of(heldOut));
}

/// <summary>The choices of a set's examples, and how often each is the right one.</summary>
/// <param name="Examples">How many examples there are, each a row under every template.</param>
/// <param name="Fewest">The fewest choices of an example.</param>
/// <param name="Most">The most.</param>
/// <param name="Right">Of how many examples choice 0, 1, … is right.</param>
public sealed record ChoiceBalance(int Examples, int Fewest, int Most, IReadOnlyList<int> Right)
{
    /// <summary>Above this share of one right choice, whoever always gives it looks good.</summary>
    private const double MostShare = 0.9;

    internal static ChoiceBalance Of(RowSet set)
    {
        var examples = set.Rows.Count / set.Rows.Variants;
        var counts = Enumerable.Range(0, examples).Select(example => set.Rows.Labelled(example * set.Rows.Variants).Length).ToList();
        var right = new int[counts.Max()];
        for (var example = 0; example < examples; example++)
            right[set.Rows.RightChoice(example * set.Rows.Variants)!.Value]++;
        return new ChoiceBalance(examples, counts.Min(), counts.Max(), right);
    }

    /// <summary>A warning where nearly all examples have the same right choice; of a single example nothing is said.</summary>
    internal static IEnumerable<Finding> Findings(RowSet set, DataTask task)
    {
        var balance = Of(set);
        var (number, most) = balance.Right.Index().MaxBy(pair => pair.Item);
        if (balance.Examples < 2 || most <= MostShare * balance.Examples)
            yield break;
        var choice = $"choice {number}{(task.Answers is { } answers ? $" ({answers[number]})" : "")}";
        yield return new(FindingKind.ChoiceBalance, Severity.Warning, most == balance.Examples
            ? string.Create(CultureInfo.InvariantCulture, $"{set.Key}: {choice} is the right one of all {most:N0} examples, so its place alone is learnt or measured. Add rows with other answers.")
            : string.Create(CultureInfo.InvariantCulture, $"{set.Key}: {choice} is the right one of {most:N0} of {balance.Examples:N0} examples: whoever always gives it looks good. Add rows with other answers, or draw a balanced part (data.train_examples, data.balanced)."));
    }

    internal string InWords(string which, IReadOnlyList<string>? answers) => string.Create(CultureInfo.InvariantCulture,
        $"{Examples:N0} {which} examples with {(Fewest == Most ? $"{Most}" : $"{Fewest} to {Most}")} choices: {string.Join(", ", Right.Select((count, number) => string.Create(CultureInfo.InvariantCulture, $"{answers?[number] ?? number.ToString(CultureInfo.InvariantCulture)} {count:N0}")))}");
}
