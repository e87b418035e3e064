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

    public void Split(ReadOnlySpan<char> piece, bool first, PieceSink next)
    {
        if (addsPrefixSpace && piece[0] != ' ')
            piece = string.Concat(" ", piece);
        if (_words is null)
            Write(piece, first, next);
        else
            _words.Split(piece, first, (word, isFirst) => Write(word, isFirst, next));
    }

    private static void Write(ReadOnlySpan<char> word, bool first, PieceSink next)
    {
        if (word.Length <= OnStack)
        {
            // A char is three bytes at most.
            Span<byte> bytes = stackalloc byte[word.Length * 3];
            Span<char> letters = stackalloc char[word.Length * 3];
            next(Write(word, bytes, letters), first);
            return;
        }
        var (manyBytes, manyLetters) = (ArrayPool<byte>.Shared.Rent(word.Length * 3), ArrayPool<char>.Shared.Rent(word.Length * 3));
        next(Write(word, manyBytes, manyLetters), first);
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
