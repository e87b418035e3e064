using System.Globalization;
using System.Text;

namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>
/// Precompiled: SentencePiece's rules as <c>tokenizers</c> applies them. Not quite as SentencePiece does: a whole grapheme
/// of fewer than six bytes is tried first, then each of its code points, and the shortest rule that fits the beginning
/// replaces all of it.
/// </summary>
internal sealed class Precompiled(CharacterMap map) : INormalizer
{
    public PlacedText Normalize(PlacedText text)
    {
        var result = new PlacedBuilder(text);
        for (var at = 0; at < text.Text.Length;)
        {
            var length = StringInfo.GetNextTextElementLength(text.Text, at);
            Append(text.Text.AsSpan(at, length), at, result);
            at += length;
        }
        return text.Places is null && result.Text.Equals(text.Text) ? text : result.Built();
    }

    private void Append(ReadOnlySpan<char> grapheme, int at, PlacedBuilder result)
    {
        Span<byte> bytes = stackalloc byte[16];
        Span<char> pair = stackalloc char[2];
        if (grapheme.Length <= 5 && Encoding.UTF8.GetByteCount(grapheme) < 6 && TryAppend(grapheme, bytes, result.Text))
        {
            result.Place(at, at + grapheme.Length);
            return;
        }
        foreach (var rune in grapheme.EnumerateRunes())
        {
            if (!TryAppend(pair[..rune.EncodeToUtf16(pair)], bytes, result.Text))
                RuneNormalizer.Copy(rune, result.Text);
            result.Place(at, at += rune.Utf16SequenceLength);
        }
    }

    private bool TryAppend(ReadOnlySpan<char> part, Span<byte> bytes, StringBuilder result)
    {
        var found = map.Find(bytes[..Encoding.UTF8.GetBytes(part, bytes)], longest: false, out _, out var replacement);
        if (found)
            result.Append(Encoding.UTF8.GetString(replacement));
        return found;
    }
}
