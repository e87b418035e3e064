using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Tests.Prompts;

/// <summary>Rows with answer choices or with one answer each, of a model's own tokens, in memory.</summary>
/// <param name="tokenizer">Makes the tokens.</param>
/// <param name="variants">Templates.</param>
internal sealed class ChoiceTexts(TextTokenizer tokenizer, int variants = 1) : ITokenRows
{
    private readonly List<(int[] Tokens, int Prompt, LabelSpan[] Spans, int? Right)> _rows = [];

    public int Count => _rows.Count;

    public bool HasChoices => _rows[0].Right is not null;

    public int Variants => variants;

    /// <summary>A question and its choices, of which one is right.</summary>
    public ChoiceTexts Add(string prompt, int right, params string[] choices) => Add(prompt, choices, right);

    /// <summary>A question and its answer.</summary>
    public ChoiceTexts Answered(string prompt, string answer) => Add(prompt, [answer], null);

    public int Length(int row) => _rows[row].Prompt + _rows[row].Spans.Max(span => span.End - span.Start);

    public int Labels(int row) => Length(row) - PromptLength(row);

    public ReadOnlySpan<int> Tokens(int row) => _rows[row].Tokens;

    public int PromptLength(int row) => _rows[row].Prompt;

    public ReadOnlySpan<LabelSpan> Labelled(int row) => _rows[row].Spans;

    public int? RightChoice(int row) => _rows[row].Right;

    private ChoiceTexts Add(string prompt, string[] answers, int? right)
    {
        List<int> tokens = [.. tokenizer.Prefix, .. tokenizer.Encode(prompt, addSpecialTokens: false), .. tokenizer.PromptEnd];
        var (length, spans) = (tokens.Count, new List<LabelSpan>());
        foreach (var answer in answers)
        {
            var start = tokens.Count;
            tokens.AddRange([.. tokenizer.Encode(answer, addSpecialTokens: false), tokenizer.EosId!.Value]);
            spans.Add(new LabelSpan(start, tokens.Count));
        }
        _rows.Add(([.. tokens], length, [.. spans], right));
        return this;
    }
}
