using System.Globalization;
using PeftCluster.Data.Formats;
using PeftCluster.Data.Tasks;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// An example of a task as tokens, a row for each template, or none at all: prompt, then every choice with its token of end. For an encoder both are texts of their own. Without
/// one a space stands between prompt and choice, unless the prompt ends in white space, and a choice is encoded as what goes on from the prompt. A prompt that is too long loses its own last tokens; choices are never cut.
/// </summary>
internal sealed class ChoiceEncoder(RowPlaces places, DataSpec data, TextTokenizer tokenizer, DataTask task) : ExampleEncoder(places)
{
    public override IEnumerable<EncodedRow> Encode(Example example)
    {
        var rows = new List<EncodedRow>();
        var truncated = 0;
        foreach (var template in task.Templates)
        {
            var (prompt, choices) = Texts(template, example.Task!);
            if (rows is [var first, ..] && first.Spans.Length != choices.Count)
                throw new RowRefused($"{template.Named} makes {choices.Count} choices, and {task.Templates[0].Named} makes {first.Spans.Length}. All templates of a task need the same answers.");
            var row = Encoded(template, prompt, choices, example.Task!.Right);
            if (row.PlannedLength > data.MaxLength && data.OnTooLong == OnTooLong.Refuse)
                throw Bad(example, $"under {template.Named} the row has {row.PlannedLength:N0} tokens with its longest choice, more than data.max_length {data.MaxLength:N0}. Shorten it, raise data.max_length, or set data.on_too_long: truncate.");
            if (row.PlannedLength > data.MaxLength && data.OnTooLong == OnTooLong.Skip)
            {
                LeaveOut($"under {template.Named} the row has {row.PlannedLength:N0} tokens with its longest choice.");
                return [];
            }
            if (row.PlannedLength > data.MaxLength)
            {
                row = Cut(example, template, row);
                truncated++;
            }
            if (row.PlannedLength < data.MinLength)
            {
                LeaveOutShort($"under {template.Named} the row has {row.PlannedLength:N0} tokens with its longest choice.");
                return [];
            }
            rows.Add(row);
        }
        Truncated += truncated;
        return rows;
    }

    /// <summary>Prompt and choices, which are at least two, none blank, no two equal, the right one among them.</summary>
    private static (string Prompt, IReadOnlyList<string> Choices) Texts(TaskTemplate template, TaskRow row)
    {
        var (prompt, choices) = template.Render(row);
        if (choices.Count is < 2 or > TaskFile.MostChoices)
            throw new RowRefused($"{template.Named} makes {choices.Count} choices; 2 to {TaskFile.MostChoices} are allowed. Fix the row.");
        for (var number = 0; number < choices.Count; number++)
        {
            if (choices[number].Length == 0)
                throw new RowRefused($"{template.Named}: choice {number} is empty. Fix the row.");
            for (var other = 0; other < number; other++)
            {
                if (choices[other] == choices[number])
                    throw Equal(template, other, number, choices);
            }
        }
        return row.Right < choices.Count
            ? (prompt, choices)
            : throw new RowRefused($"the right answer is choice {row.Right}, and {template.Named} makes {choices.Count}, numbered from 0. Fix the row.");
    }

    private EncodedRow Encoded(TaskTemplate template, string prompt, IReadOnlyList<string> choices, int right)
    {
        List<int> tokens = [.. tokenizer.Prefix, .. tokenizer.Encode(prompt, addSpecialTokens: false), .. tokenizer.PromptEnd];
        if (tokens.Count == 0)
            throw new RowRefused($"{template.Named}: the prompt is empty, and nothing stands before the choices that could predict them. Fix the row.");
        var encoded = new List<int[]>();
        foreach (var choice in choices)
        {
            var written = Written(prompt, choice);
            if (written.Length == 0)
                throw new RowRefused($"{template.Named}: of choice {encoded.Count}, \"{OneLine.Piece(choice)}\", the tokenizer leaves nothing. Fix the row.");
            if (encoded.FindIndex(other => other.AsSpan().SequenceEqual(written)) is >= 0 and var same)
                throw SameTokens(template, same, encoded.Count, choices, written);
            encoded.Add(written);
        }
        var spans = new LabelSpan[encoded.Count];
        foreach (var (number, choice) in encoded.Index())
        {
            var start = tokens.Count;
            tokens.AddRange(choice);
            if (tokenizer.EosId is { } eos)
                tokens.Add(eos);
            spans[number] = new LabelSpan(start, tokens.Count);
        }
        return new EncodedRow(tokens, spans, right);
    }

    /// <summary>
    /// A choice as the model would write it. Some tokenizers put a space before every text (Llama 2's); so that there are not two, the choice is encoded behind the
    /// prompt's last character and what covers that is left off. Where a token would cover both, it is encoded alone.
    /// </summary>
    private int[] Written(string prompt, string choice)
    {
        if (tokenizer.HasEncoder || prompt.Length == 0)
            return tokenizer.Encode(choice, addSpecialTokens: false);
        var last = prompt[^(prompt.Length > 1 && char.IsSurrogatePair(prompt, prompt.Length - 2) ? 2 : 1)..];
        var text = (char.IsWhiteSpace(prompt[^1]) ? "" : " ") + choice;
        var joined = tokenizer.EncodeWithOffsets(last + text);
        return joined.Covers.Any(cover => cover.Start < last.Length && cover.End > last.Length)
            ? tokenizer.Encode(text, addSpecialTokens: false)
            : [.. joined.Ids.Where((_, place) => joined.Covers[place].Start >= last.Length)];
    }

    private EncodedRow Cut(Example example, TaskTemplate template, EncodedRow row)
    {
        var (prompt, end) = (row.Spans[0].Start, tokenizer.PromptEnd.Count);
        var over = row.PlannedLength - data.MaxLength;
        if (over >= prompt - end)
            throw Bad(example, $"under {template.Named} the longest choice has {row.PlannedLength - prompt:N0} tokens, and data.max_length {data.MaxLength:N0} leaves nothing of the prompt. Choices are not cut: raise data.max_length, or set data.on_too_long: skip.");
        row.Tokens.RemoveRange(prompt - end - over, over);
        return row with { Spans = [.. row.Spans.Select(span => new LabelSpan(span.Start - over, span.End - over))] };
    }

    private static RowRefused Equal(TaskTemplate template, int first, int second, IReadOnlyList<string> choices) =>
        new($"{template.Named}: choices {first} and {second} are equal, \"{OneLine.Piece(choices[first])}\". Fix the row.");

    /// <summary>Two texts of which the tokenizer makes the same: it leaves something off, or its vocabulary has not their words.</summary>
    private RowRefused SameTokens(TaskTemplate template, int first, int second, IReadOnlyList<string> choices, int[] tokens) => new(string.Create(CultureInfo.InvariantCulture,
        $"{template.Named}: choices {first} and {second}, \"{OneLine.Piece(choices[first])}\" and \"{OneLine.Piece(choices[second])}\", are the same tokens to this model, \"{OneLine.Piece(tokenizer.Decode(tokens, skipSpecialTokens: false))}\". Write them differently."));
}
