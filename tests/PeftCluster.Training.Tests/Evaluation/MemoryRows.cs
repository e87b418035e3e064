using PeftCluster.Data.Prepared;
using PeftCluster.Training.Tests.Golden;

namespace PeftCluster.Training.Tests.Evaluation;

/// <summary>Rows of ASCII texts in <see cref="TextModel"/>'s tokens, in memory: questions with answer choices, or with one answer each.</summary>
/// <param name="variants">Templates.</param>
/// <param name="begin">What each prompt begins with.</param>
/// <param name="end">What each prompt ends with.</param>
internal sealed class MemoryRows(int variants, int[] begin, int[] end) : ITokenRows
{
    private readonly List<(int[] Tokens, int Prompt, LabelSpan[] Spans, int? Right)> _rows = [];

    public int Count => _rows.Count;

    public bool HasChoices => _rows[0].Right is not null;

    public int Variants => variants;

    /// <summary>Rows of a decoder.</summary>
    public static MemoryRows Open(int variants = 1) => new(variants, [TextModel.Bos], []);

    /// <summary>A question and its choices.</summary>
    public MemoryRows Add(string prompt, int right, params string[] choices) => Add(prompt, choices, right);

    /// <summary>A question and its answer.</summary>
    public MemoryRows Add(string prompt, string answer) => Add(prompt, [answer], null);

    public int Length(int row) => _rows[row].Prompt + _rows[row].Spans.Max(span => span.End - span.Start);

    public int Labels(int row) => _rows[row].Spans[_rows[row].Right ?? 0] is var (start, end) ? end - start : 0;

    public int WrongLabels(int row) => _rows[row].Spans.Sum(span => span.End - span.Start) - Labels(row);

    public ReadOnlySpan<int> Tokens(int row) => _rows[row].Tokens;

    public int PromptLength(int row) => _rows[row].Prompt;

    public ReadOnlySpan<LabelSpan> Labelled(int row) => _rows[row].Spans;

    public int? RightChoice(int row) => _rows[row].Right;

    private MemoryRows Add(string prompt, string[] answers, int? right)
    {
        List<int> tokens = [.. begin, .. TextModel.IdsOf(prompt), .. end];
        var (length, spans) = (tokens.Count, new List<LabelSpan>());
        foreach (var answer in answers)
        {
            var start = tokens.Count;
            tokens.AddRange([.. TextModel.IdsOf(answer), TextModel.Eos]);
            spans.Add(new LabelSpan(start, tokens.Count));
        }
        _rows.Add(([.. tokens], length, [.. spans], right));
        return this;
    }
}
