using PeftCluster.Data.Prepared;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Tests.Source;

/// <summary>Rows with answer choices in memory.</summary>
internal sealed class MemoryChoices(IReadOnlyList<ChoiceExample> rows, int variants = 1) : ITokenRows
{
    /// <summary>Rows with two to four choices of one to four tokens, of 64 tokens.</summary>
    public static MemoryChoices Seeded(int count, int variants = 1) => new([.. Enumerable.Range(0, count).Select(row => new ChoiceExample(
        Ids(row, 3 + row * 5 % 19), [.. Enumerable.Range(0, 2 + row % 3).Select(choice => Ids(row * 7 + choice, 1 + (row + choice) % 4))], row % (2 + row % 3)))], variants);

    public int Count => rows.Count;

    public bool HasChoices => true;

    public int Variants => variants;

    public int Length(int row) => rows[row].Prompt.Length + rows[row].Choices.Max(choice => choice.Length);

    public int Labels(int row) => rows[row].Choices[rows[row].Correct].Length;

    public int WrongLabels(int row) => rows[row].Choices.Sum(choice => choice.Length) - Labels(row);

    public int PromptLength(int row) => rows[row].Prompt.Length;

    public int? RightChoice(int row) => rows[row].Correct;

    public ReadOnlySpan<int> Tokens(int row) => (int[])[.. rows[row].Prompt, .. rows[row].Choices.SelectMany(choice => choice)];

    public ReadOnlySpan<LabelSpan> Labelled(int row)
    {
        var start = rows[row].Prompt.Length;
        return rows[row].Choices.Select(choice => new LabelSpan(start, start += choice.Length)).ToArray();
    }

    private static int[] Ids(int seed, int count) => [.. Enumerable.Range(0, count).Select(place => 3 + (seed * 31 + place * 17) % 60)];
}
