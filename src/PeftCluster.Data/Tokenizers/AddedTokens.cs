using System.Buffers;
using System.Text;
using PeftCluster.Data.Tokenizers.Normalizers;
using PeftCluster.Data.Tokenizers.PreTokenizers;
using PeftCluster.Data.Tokenizers.Unicode;

namespace PeftCluster.Data.Tokenizers;

/// <summary>A token that is found in the text before anything is split, whole.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Id">Its id.</param>
/// <param name="Special">Left out by a decoding that skips special tokens.</param>
/// <param name="Normalized">Looked for in normalized text, as the normalizer writes it; others are found before.</param>
/// <param name="LeftStrip">Swallows white space on its left.</param>
/// <param name="RightStrip">Swallows white space on its right.</param>
/// <param name="SingleWord">Counts only where no word character touches it.</param>
internal sealed record AddedToken(
    string Text, int Id, bool Special, bool Normalized, bool LeftStrip, bool RightStrip, bool SingleWord)
{
    /// <summary>Reads an added token, whose id stands beside or above it.</summary>
    public static AddedToken Read(JsonPlace place, int id) => new(
        place.Need("content").Text(),
        id,
        place.Flag("special", missing: false),
        place.Flag("normalized", missing: true),
        place.Flag("lstrip", missing: false),
        place.Flag("rstrip", missing: false),
        place.Flag("single_word", missing: false));
}

/// <summary>
/// Finds added tokens in text: leftmost first, of those the longest. Two passes, as Hugging Face makes them: tokens with
/// normalized false in the text as it is, the others in what the normalizer made of the rest.
/// </summary>
internal sealed class AddedTokens
{
    private readonly INormalizer _normalizer;
    private readonly Pass _raw;
    private readonly Pass _normalized;

    public AddedTokens(IReadOnlyCollection<AddedToken> tokens, INormalizer normalizer)
    {
        _normalizer = normalizer;
        _raw = new Pass(tokens.Where(token => !token.Normalized));
        _normalized = new Pass(tokens.Where(token => token.Normalized).Select(token => token with { Text = normalizer.Normalize(token.Text) }));
    }

    /// <summary>Appends added tokens, and hands on the normalized text between them, in order.</summary>
    public void Split(string text, TokenList tokens, PieceSink plain)
    {
        foreach (var outer in _raw.Find(text))
        {
            if (outer.Id is { } id)
            {
                tokens.Add(id, new TextSpan(outer.Start, outer.End));
                continue;
            }
            var normalized = _normalizer.Normalize(PlacedText.Of(text, outer.Start, outer.End, tokens.HasCovers));
            foreach (var inner in _normalized.Find(normalized.Text))
            {
                if (inner.Id is { } found)
                    tokens.Add(found, normalized.PlaceOf(inner.Start, inner.End));
                else
                    plain(normalized.Piece(inner.Start, inner.End, outer.Start == 0 && inner.Start == 0));
            }
        }
    }

    /// <summary>A stretch of the text: an added token, or (id null) what lies between two.</summary>
    private readonly record struct Stretch(int Start, int End, int? Id);

    /// <summary>Tokens that are looked for together.</summary>
    private sealed class Pass
    {
        private readonly AddedToken[] _tokens;
        private readonly SearchValues<string> _starts;

        public Pass(IEnumerable<AddedToken> tokens)
        {
            _tokens = [.. tokens.Where(token => token.Text.Length > 0).OrderByDescending(token => token.Text.Length)];
            _starts = SearchValues.Create([.. _tokens.Select(token => token.Text)], StringComparison.Ordinal);
        }

        /// <summary>The stretches of the text, in order; what lies between two tokens is not empty.</summary>
        public IEnumerable<Stretch> Find(string text)
        {
            var (done, from) = (0, 0);
            while (from < text.Length && text.AsSpan(from).IndexOfAny(_starts) is >= 0 and var offset)
            {
                var start = from + offset;
                var token = LongestAt(text.AsSpan(start));
                var end = start + token.Text.Length;
                from = end;
                if (token.SingleWord && TouchesWord(text, start, end))
                    continue;

                if (token.LeftStrip)
                    start = Math.Max(text.AsSpan(0, start).TrimEnd().Length, done);
                if (token.RightStrip)
                    end = text.Length - text.AsSpan(end).TrimStart().Length;
                if (start > done)
                    yield return new Stretch(done, start, null);
                yield return new Stretch(start, end, token.Id);
                done = end;
            }
            if (done < text.Length)
                yield return new Stretch(done, text.Length, null);
        }

        private AddedToken LongestAt(ReadOnlySpan<char> text)
        {
            foreach (var token in _tokens)
            {
                if (text.StartsWith(token.Text, StringComparison.Ordinal))
                    return token;
            }
            throw new System.Diagnostics.UnreachableException("A token was found and is not there.");
        }

        private static bool TouchesWord(ReadOnlySpan<char> text, int start, int end)
        {
            Rune.DecodeLastFromUtf16(text[..start], out var before, out _);
            Rune.DecodeFromUtf16(text[end..], out var after, out _);
            return (start > 0 && CharacterKind.IsWord(before)) || (end < text.Length && CharacterKind.IsWord(after));
        }
    }
}
