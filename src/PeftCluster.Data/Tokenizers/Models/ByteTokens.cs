using System.Globalization;

namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>SentencePiece's names of bytes: &lt;0x00&gt; to &lt;0xFF&gt;.</summary>
internal static class ByteTokens
{
    /// <summary>The token of each byte, −1 for one that the vocabulary lacks.</summary>
    public static int[] Of(IReadOnlyDictionary<string, int> vocabulary) =>
        [.. Enumerable.Range(0, 256).Select(value => vocabulary.TryGetValue(Name(value), out var id) ? id : -1)];

    /// <summary>The name of a byte.</summary>
    public static string Name(int value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    /// <summary>The byte that a token names (its digits may be small letters), or null.</summary>
    public static byte? ValueOf(string token) =>
        token is ['<', '0', 'x', _, _, '>'] && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
