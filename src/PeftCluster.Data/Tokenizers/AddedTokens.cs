using System.Buffers;
using System.Text.RegularExpressions;

namespace PeftCluster.Data.Tokenizers;

/// <summary>A token that is found in the text before anything is split, whole.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Id">Its id.</param>
/// <param name="Special">Left out by a decoding that skips special tokens.</param>
/// <param name="Normalized">Looked for after those that are not: in what they left.</param>
/// <param name="LeftStrip">Swallows white space on its left.</param>
/// <param name="RightStrip">Swallows white space on its right.</param>
/// <param name="SingleWord">Counts only where no word character touches it.</param>
internal sealed record AddedToken(
    string Text, int Id, bool Special, bool Normalized, bool LeftStrip, bool RightStrip, bool SingleWord);

/// <summary>
/// Finds added tokens in text: leftmost first, of those the longest. Two passes, as Hugging Face makes them: tokens
/// with normalized false first, then the others in what is left.
/// </summary>
internal sealed partial class AddedTokens
{
    private readonly IReadOnlyList<Pass> _passes;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        _passes = [.. tokens.Where(token => token.Text.Length > 0)
            .GroupBy(token => token.Normalized)
            .OrderBy(group => group.Key)
            .Select(group => new Pass([.. group.OrderByDescending(token => token.Text.Length)]))];
    }

    /// <summary>A stretch of the text: an added token, or (id null) what lies between two.</summary>
    public readonly record struct Stretch(int Start, int End, int? Id);

    /// <summary>The stretches of the text, in order; none is empty.</summary>
    public List<Stretch> Find(string text)
    {
        var stretches = new List<Stretch>();
        if (text.Length > 0)
            stretches.Add(new Stretch(0, text.Length, null));
        foreach (var pass in _passes)
        {
            var found = new List<Stretch>(stretches.Count);
            foreach (var stretch in stretches)
            {
                if (stretch.Id is null)
                    pass.Find(text, stretch, found);
                else
                    found.Add(stretch);
            }
            stretches = found;
        }
        return stretches;
    }

    [GeneratedRegex(@"^\w")]
    private static partial Regex WordAtStart();

    [GeneratedRegex(@"\w\z")]
    private static partial Regex WordAtEnd();

    /// <summary>Tokens that are looked for together, the longest first.</summary>
    private sealed class Pass(AddedToken[] tokens)
    {
        private readonly SearchValues<string> _starts =
            SearchValues.Create([.. tokens.Select(token => token.Text)], StringComparison.Ordinal);

        public void Find(string text, Stretch within, List<Stretch> found)
        {
            var part = text.AsSpan(within.Start, within.End - within.Start);
            var (done, from) = (0, 0);
            while (from < part.Length && part[from..].IndexOfAny(_starts) is >= 0 and var offset)
            {
                var start = from + offset;
                var token = LongestAt(part[start..]);
                var end = start + token.Text.Length;
                from = end;
                if (start < done || (token.SingleWord && TouchesWord(part, start, end)))
                    continue;

                if (token.LeftStrip)
                    start = Math.Max(part[..start].TrimEnd().Length, done);
                if (token.RightStrip)
                    end = part.Length - part[end..].TrimStart().Length;
                if (start > done)
                    found.Add(new Stretch(within.Start + done, within.Start + start, null));
                found.Add(new Stretch(within.Start + start, within.Start + end, token.Id));
                done = end;
            }
            if (done < part.Length)
                found.Add(new Stretch(within.Start + done, within.End, null));
        }

        private AddedToken LongestAt(ReadOnlySpan<char> text)
        {
            foreach (var token in tokens)
            {
                if (text.StartsWith(token.Text, StringComparison.Ordinal))
                    return token;
            }
            throw new System.Diagnostics.UnreachableException("A token was found and is not there.");
        }

        private static bool TouchesWord(ReadOnlySpan<char> text, int start, int end) =>
            WordAtEnd().IsMatch(text[..start]) || WordAtStart().IsMatch(text[end..]);
    }
}
