using PeftCluster.Data.Prepared;
using PeftCluster.Steps.Plan;

namespace PeftCluster.Training.Models;

/// <summary>A question with several answers of which one is right, as tokens.</summary>
/// <param name="Prompt">At least one token: nothing would predict the first token of an answer without a prompt.</param>
/// <param name="Choices">The answers, each at least one token and as the model would write it (with its token of end, if it is to be judged too).</param>
/// <param name="Correct">Which of them is right, from 0.</param>
public sealed record ChoiceExample(int[] Prompt, IReadOnlyList<int[]> Choices, int Correct);

/// <summary>
/// Examples with answer choices, as a batch. Unusual: a batch's rows are the choices, the first example's first, and examples may have unlike numbers of them;
/// a model with an encoder reads each prompt once all the same.
/// </summary>
public sealed class ChoiceRows
{
    private readonly int[][] _choices;

    /// <param name="examples">At least one.</param>
    /// <exception cref="ArgumentException">An example that has no prompt, no choices, a choice without tokens, or a right one that does not exist.</exception>
    public ChoiceRows(IReadOnlyList<ChoiceExample> examples)
    {
        for (var number = 0; number < examples.Count; number++)
            Check(examples[number], number);
        Examples = examples;
        _choices = [.. examples.SelectMany(example => example.Choices)];
        Owners = [.. examples.SelectMany((example, number) => example.Choices.Select(_ => number))];
    }

    /// <summary>Rows of a data set that has choices.</summary>
    /// <param name="set">The data set.</param>
    /// <param name="numbers">Which of its rows.</param>
    public static ChoiceRows Of(ITokenRows set, IReadOnlyList<int> numbers) => new([.. numbers.Select(row => ExampleOf(set, row))]);

    /// <summary>A micro-batch of one.</summary>
    public static ChoiceRows Of(ITokenRows set, MicroBatch batch) => new([.. batch.Rows.Select(row => ExampleOf(set, row))]) { Length = batch.PaddedLength };

    public IReadOnlyList<ChoiceExample> Examples { get; }

    /// <summary>T that the plan pads a prompt and a choice behind it to; null: the longest, rounded up. A decoder's affair, as with <see cref="PromptRows.Length"/>.</summary>
    public int? Length { get; init; }

    /// <summary>Choices of all examples.</summary>
    public int Count => _choices.Length;

    /// <summary>Of each choice the number of its example.</summary>
    public IReadOnlyList<int> Owners { get; }

    /// <summary>What the losses of these examples are divided by, where they are the whole step.</summary>
    public ChoiceCounts Counts
    {
        get
        {
            var right = Examples.Sum(example => (long)example.Choices[example.Correct].Length);
            return new ChoiceCounts(right, _choices.Sum(choice => (long)choice.Length) - right, Examples.Count);
        }
    }

    /// <summary>The tokens of a choice, by its number among all.</summary>
    public ReadOnlySpan<int> Choice(int number) => _choices[number];

    /// <summary>Each prompt once.</summary>
    public PromptRows Prompts() => PromptRows.Questions([.. Examples.Select(example => example.Prompt)]);

    /// <summary>Each choice behind its example's prompt, which is repeated.</summary>
    public PromptRows Repeated()
    {
        int[][] rows = [.. _choices.Select((choice, number) => (int[])[.. Examples[Owners[number]].Prompt, .. choice])];
        return new PromptRows(rows.Length, row => rows[row], row => Examples[Owners[row]].Prompt.Length) { Length = Length };
    }

    private static ChoiceExample ExampleOf(ITokenRows set, int row)
    {
        var right = set.RightChoice(row) ?? throw new ArgumentException($"row {row} has no choices");
        var tokens = set.Tokens(row);
        var choices = new List<int[]>();
        foreach (var (start, end) in set.Labelled(row))
            choices.Add(tokens[start..end].ToArray());
        return new ChoiceExample(tokens[..set.PromptLength(row)].ToArray(), choices, right);
    }

    private static void Check(ChoiceExample example, int number)
    {
        if (example.Prompt.Length == 0)
            throw new ArgumentException($"example {number} has no prompt");
        if (example.Correct < 0 || example.Correct >= example.Choices.Count)
            throw new ArgumentException($"example {number}: choice {example.Correct} of {example.Choices.Count} is said to be right");
        if (example.Choices.Any(choice => choice.Length == 0))
            throw new ArgumentException($"example {number} has a choice without tokens");
    }
}
