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
    public string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        Span<byte> bytes = stackalloc byte[16];
        Span<char> pair = stackalloc char[2];
        for (var at = 0; at < text.Length;)
        {
            var length = StringInfo.GetNextTextElementLength(text, at);
            var grapheme = text.AsSpan(at, length);
            at += length;
            if (length <= 5 && Encoding.UTF8.GetByteCount(grapheme) < 6 && TryAppend(grapheme, bytes, result))
                continue;
            foreach (var rune in grapheme.EnumerateRunes())
            {
                if (!TryAppend(pair[..rune.EncodeToUtf16(pair)], bytes, result))
                    RuneNormalizer.Copy(rune, result);
            }
        }
        return result.Equals(text) ? text : result.ToString();
    }

    private bool TryAppend(ReadOnlySpan<char> part, Span<byte> bytes, StringBuilder result)
    {
        var found = map.Find(bytes[..Encoding.UTF8.GetBytes(part, bytes)], longest: false, out _, out var replacement);
        if (found)
            result.Append(Encoding.UTF8.GetString(replacement));
        return found;
    }
}
