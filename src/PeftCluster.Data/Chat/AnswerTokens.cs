using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tokenizers;

namespace PeftCluster.Data.Chat;

/// <summary>
/// Which tokens carry the labels of a text's stretches: <see cref="AssistantMask"/>'s rule, so that the labels are those of transformers' assistant
/// masks, with one difference. Where a tokenizer drops the first or last chars of a stretch (blanks at a text's end, say), transformers' mask ends there
/// or runs on over what others say; here the stretch is what is left of it.
/// </summary>
internal static class AnswerTokens
{
    /// <param name="spans">Stretches of the text, in order.</param>
    /// <param name="covers">What each token covers of the text.</param>
    /// <returns>One span of tokens for each stretch that has any, in order; neighbours may touch.</returns>
    public static List<LabelSpan> Of(IReadOnlyList<TextSpan> spans, IReadOnlyList<TextSpan> covers)
    {
        var first = FirstTokens(covers);
        var (labelled, free) = (new List<LabelSpan>(spans.Count), 0);
        foreach (var (start, end) in spans)
        {
            var (from, to) = (start, Math.Min(end, first.Length) - 1);
            while (from <= to && first[from] < 0)
                from++;
            while (to >= from && first[to] < 0)
                to--;
            if (from > to)
                continue;
            var span = new LabelSpan(Math.Max(first[from], free), first[to] + 1);
            if (span.End <= span.Start)
                continue;
            labelled.Add(span);
            free = span.End;
        }
        return labelled;
    }

    /// <summary>Of each char the first token that covers it, −1 where none does.</summary>
    private static int[] FirstTokens(IReadOnlyList<TextSpan> covers)
    {
        var first = new int[covers.Select(cover => cover.End).DefaultIfEmpty().Max()];
        Array.Fill(first, -1);
        for (var token = 0; token < covers.Count; token++)
        {
            for (var at = covers[token].Start; at < covers[token].End; at++)
            {
                if (first[at] < 0)
                    first[at] = token;
            }
        }
        return first;
    }
}
