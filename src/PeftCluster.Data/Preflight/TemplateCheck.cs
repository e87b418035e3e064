using System.Globalization;
using PeftCluster.Data.Chat;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Preflight;

/// <summary>
/// Whether what looks like a special token in the rows is one: where the tokenizer takes <c>&lt;|im_start|&gt;</c> apart, the model meets pieces that it
/// never saw side by side. Template and tokenizer do not belong together then, and the job is refused, unless the template's end of turn is one token: some
/// formats (Zephyr's) write roles as plain text on purpose. Marks that are in no template only bring a warning. Looks at the first rows, where all marks are.
/// </summary>
/// <param name="set">The rows.</param>
/// <param name="tokenizer">What made their tokens.</param>
/// <param name="template">The template that the rows are written in, or would be; null: there is none.</param>
/// <param name="marks">Its marks.</param>
internal sealed class TemplateCheck(RowSet set, TextTokenizer tokenizer, ChatTemplate? template, TemplateMarks marks) : IRowCheck
{
    private const int MostRows = 200;
    private const int MostTokens = 4096;

    private readonly SortedDictionary<string, int> _rowOfMark = new(StringComparer.Ordinal);

    public void See(int row, ReadOnlySpan<int> tokens, ReadOnlySpan<LabelSpan> spans)
    {
        if (row >= MostRows)
            return;
        foreach (var mark in TemplateMarks.In(tokenizer.Decode(tokens[..Math.Min(tokens.Length, MostTokens)], skipSpecialTokens: false)))
            _rowOfMark.TryAdd(mark, row);
    }

    public IEnumerable<Finding> Findings
    {
        get
        {
            var split = _rowOfMark.Where(mark => TemplateMarks.IsSplit(mark.Key, tokenizer)).ToList();
            var own = split.Where(mark => marks.All.Contains(mark.Key)).ToList();
            if (own.Count > 0)
                yield return OfTemplate(own);
            if (split.Count > own.Count)
                yield return new(FindingKind.MarkSplit, Severity.Warning, $"{set.Key}: {Shown(split.Except(own))}: to this tokenizer that is text like any other. If the rows are written in another model's chat format, write them in this one's.");
        }
    }

    private Finding OfTemplate(List<KeyValuePair<string, int>> own)
    {
        var severity = marks.EndOfTurn is { } end && !TemplateMarks.IsSplit(end, tokenizer) ? Severity.Warning : Severity.Refused;
        return new(FindingKind.TemplateSplit, severity, $"{template!.Source}: {Shown(own)}: the tokenizer takes apart what the template writes as one token, so the two do not belong together. Take tokenizer.json and the chat template from the same model, or a template whose tokens the tokenizer has.");
    }

    /// <summary>"&lt;|im_start|&gt;" is 6 tokens, … (the first: rows.jsonl:1)</summary>
    private string Shown(IEnumerable<KeyValuePair<string, int>> split)
    {
        var each = string.Join(", ", split.Select(mark => string.Create(CultureInfo.InvariantCulture, $"\"{mark.Key}\" is {tokenizer.Encode(mark.Key, addSpecialTokens: false).Length} tokens")));
        return $"{each} (the first: {set.PlaceOf(split.Min(mark => mark.Value))})";
    }
}
