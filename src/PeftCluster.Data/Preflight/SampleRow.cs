using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Preflight;

/// <summary>A token as the model gets it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Text">Its part of the text; of a special one its name. Where a character takes several tokens, all of it stands at the last.</param>
/// <param name="Label">Whether the model learns to write it; of choices those of the right one.</param>
/// <param name="Special">Whether it is no text, but a sign for the model.</param>
public readonly record struct SampleToken(int Id, string Text, bool Label, bool Special);

/// <summary>A choice of a row.</summary>
/// <param name="Start">The place of its first token, from 0.</param>
/// <param name="End">The place behind its last.</param>
/// <param name="Right">Whether it is the right one.</param>
public sealed record SampleChoice(int Start, int End, bool Right);

/// <summary>A row as the model gets it.</summary>
/// <param name="Set">data.train or data.eval.</param>
/// <param name="Row">Its number in the set, from 1.</param>
/// <param name="Rows">Rows of the set.</param>
/// <param name="Place">File and line.</param>
/// <param name="Labels">Tokens that carry a label.</param>
/// <param name="Tokens">All its tokens; of a long one in a report the first.</param>
/// <param name="Left">Tokens that are not shown.</param>
public sealed record SampleRow(string Set, int Row, int Rows, string Place, int Labels, IReadOnlyList<SampleToken> Tokens, int Left)
{
    /// <summary>The template that made it; null: the row has no choices.</summary>
    public string? Template { get; init; }

    /// <summary>Its choices, in their order; empty without any.</summary>
    public IReadOnlyList<SampleChoice> Choices { get; init; } = [];

    /// <summary>Reads a row.</summary>
    /// <param name="set">Its set.</param>
    /// <param name="row">Its number, from 0.</param>
    /// <param name="data">What made its tokens.</param>
    /// <param name="most">The most tokens that are wanted.</param>
    internal static SampleRow Of(RowSet set, int row, PreparedData data, int most = int.MaxValue)
    {
        var tokenizer = data.Tokenizer;
        var tokens = set.Rows.Tokens(row);
        var right = set.Rows.RightChoice(row);
        var spans = right is { } number ? set.Rows.Labelled(row).Slice(number, 1) : set.Rows.Labelled(row);
        var shown = new SampleToken[Math.Min(tokens.Length, most)];
        var decoder = new StreamingDecoder(tokenizer, skipSpecialTokens: true);
        // A classifier's row ends in the number of its class.
        var classAt = tokenizer.Classes is null ? -1 : tokens.Length - 1;
        for (var i = 0; i < shown.Length; i++)
        {
            var isClass = i == classAt;
            var special = isClass || !tokenizer.Shows(tokens[i], skipSpecialTokens: true);
            var text = isClass ? tokenizer.Classes![tokens[i]] : special ? tokenizer.NameOf(tokens[i]) : decoder.Add(tokens[i]);
            shown[i] = new SampleToken(tokens[i], text, i > 0 && Within(i, spans), special);
        }
        return new SampleRow(set.Key, row + 1, set.Rows.Count, set.PlaceOf(row), set.Rows.Labels(row), shown, tokens.Length - shown.Length)
        {
            Template = data.Task?.Templates[row % set.Rows.Variants].Name,
            Choices = right is { } rightOne ? ChoicesOf(set.Rows.Labelled(row), rightOne) : [],
        };
    }

    private static List<SampleChoice> ChoicesOf(ReadOnlySpan<LabelSpan> spans, int right)
    {
        var choices = new List<SampleChoice>();
        foreach (var (start, end) in spans)
            choices.Add(new SampleChoice(start, end, choices.Count == right));
        return choices;
    }

    private static bool Within(int place, ReadOnlySpan<LabelSpan> spans)
    {
        foreach (var (start, end) in spans)
        {
            if (place >= start && place < end)
                return true;
        }
        return false;
    }
}
