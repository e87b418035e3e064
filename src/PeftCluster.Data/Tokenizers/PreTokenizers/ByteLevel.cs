using System.Buffers;
using System.Text;
using PeftCluster.Data.Tokenizers.Patterns;

namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>
/// ByteLevel: puts a space before a piece that has none (add_prefix_space), cuts by GPT-2's pattern (use_regex), and writes
/// every byte of the UTF-8 text as its character of <see cref="ByteAlphabet"/>.
/// </summary>
internal sealed class ByteLevel(bool addsPrefixSpace, bool cuts) : IPreTokenizer
{
    /// <summary>GPT-2's pattern (openai/gpt-2, encoder.py).</summary>
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private const int OnStack = 128;

    private readonly PatternSplit? _words = cuts ? new PatternSplit(new TextPattern(Gpt2), SplitBehavior.Isolated, invert: false) : null;

    public void Split(TextPiece piece, PieceSink next)
    {
        if (addsPrefixSpace && piece.Text[0] != ' ')
            piece = piece.After(" ");
        if (_words is null)
            Write(piece, next);
        else
            _words.Split(piece, word => Write(word, next));
    }

    private static void Write(TextPiece word, PieceSink next)
    {
        var length = word.Text.Length * 3; // A char is three bytes at most.
        if (length <= OnStack * 3)
        {
            Span<byte> bytes = stackalloc byte[length];
            Span<char> letters = stackalloc char[length];
            next(new TextPiece(Write(word.Text, bytes, letters), word.BytePlaces(), word.First));
            return;
        }
        var (manyBytes, manyLetters) = (ArrayPool<byte>.Shared.Rent(length), ArrayPool<char>.Shared.Rent(length));
        next(new TextPiece(Write(word.Text, manyBytes, manyLetters), word.BytePlaces(), word.First));
        ArrayPool<byte>.Shared.Return(manyBytes);
        ArrayPool<char>.Shared.Return(manyLetters);
    }

    private static ReadOnlySpan<char> Write(ReadOnlySpan<char> word, Span<byte> bytes, Span<char> letters)
    {
        var length = Encoding.UTF8.GetBytes(word, bytes);
        for (var i = 0; i < length; i++)
            letters[i] = ByteAlphabet.CharOf(bytes[i]);
        return letters[..length];
    }
}
