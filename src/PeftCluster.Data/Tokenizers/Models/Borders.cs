namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>
/// Where a long piece may be cut without a change of its tokens: between two characters that are tokens themselves and
/// stand side by side in no token. No token reaches across such a place, so the two sides know nothing of each other.
/// Llama 2's whole texts fall into words that way (nothing but a word's beginning follows ▁), at a lookup per character.
/// </summary>
internal sealed class Borders
{
    private const int Ascii = 128;

    private readonly bool[] _single = new bool[char.MaxValue + 1];
    private readonly bool[] _joinedAscii = new bool[Ascii * Ascii];
    private readonly HashSet<int> _joined = [];

    /// <param name="tokens">Every token that text can become.</param>
    public Borders(IEnumerable<string> tokens)
    {
        foreach (var token in tokens)
        {
            if (token.Length == 1)
                _single[token[0]] = true;
            for (var i = 1; i < token.Length; i++)
            {
                if (token[i - 1] < Ascii && token[i] < Ascii)
                    _joinedAscii[token[i - 1] * Ascii + token[i]] = true;
                else
                    _joined.Add(token[i - 1] << 16 | token[i]);
            }
        }
        // Half a character is no token of its own.
        Array.Fill(_single, false, 0xD800, 0x800);
    }

    /// <summary>The first place behind the piece's start where it may be cut; its length, where there is none.</summary>
    public int Next(ReadOnlySpan<char> piece)
    {
        for (var i = 1; i < piece.Length; i++)
        {
            var (left, right) = (piece[i - 1], piece[i]);
            if (!_single[left] || !_single[right])
                continue;
            if (left < Ascii && right < Ascii ? !_joinedAscii[left * Ascii + right] : !_joined.Contains(left << 16 | right))
                return i;
        }
        return piece.Length;
    }
}
