using System.Text.RegularExpressions;

namespace PeftCluster.Data.Tokenizers;

/// <summary>
/// Cuts text into the words that byte pairs are merged within. Stages follow each other; each sees the pieces that the
/// one before it left, one by one, so that a look-ahead never sees past its piece (as in Hugging Face's pre-tokenizers).
/// </summary>
internal sealed class WordSplitter(IReadOnlyList<IWordStage> stages)
{
    public List<ReadOnlyMemory<char>> Split(ReadOnlyMemory<char> text)
    {
        var pieces = new List<ReadOnlyMemory<char>>();
        if (!text.IsEmpty)
            pieces.Add(text);
        foreach (var stage in stages)
        {
            var cut = new List<ReadOnlyMemory<char>>(pieces.Count);
            foreach (var piece in pieces)
                stage.Split(piece, cut);
            pieces = cut;
        }
        return pieces;
    }
}

/// <summary>One pre-tokenizer.</summary>
internal interface IWordStage
{
    /// <summary>Appends what the piece becomes; never an empty piece.</summary>
    void Split(ReadOnlyMemory<char> piece, List<ReadOnlyMemory<char>> pieces);
}

/// <summary>ByteLevel's add_prefix_space: a piece that does not start with a space gets one.</summary>
internal sealed class PrefixSpaceStage : IWordStage
{
    public void Split(ReadOnlyMemory<char> piece, List<ReadOnlyMemory<char>> pieces) =>
        pieces.Add(piece.Span[0] == ' ' ? piece : string.Concat(" ", piece.Span).AsMemory());
}

/// <summary>
/// Every match is a piece, and so is what lies between two matches (behaviour Isolated).
/// The pattern was written for Oniguruma: there ^ and $ always mean lines, and a character is a code point
/// (<see cref="CodePointShadow"/>).
/// </summary>
internal sealed class RegexStage : IWordStage
{
    /// <summary>The cut of ByteLevel with use_regex: GPT-2's pattern (openai/gpt-2, encoder.py).</summary>
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private readonly Regex _regex;
    private readonly bool _foldsLongS;

    /// <exception cref="ArgumentException">The pattern is not one that .NET knows.</exception>
    public RegexStage(string pattern)
    {
        _regex = new Regex(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant | RegexOptions.Multiline, TimeSpan.FromMinutes(1));
        _foldsLongS = pattern.Contains("(?i", StringComparison.Ordinal);
    }

    public void Split(ReadOnlyMemory<char> piece, List<ReadOnlyMemory<char>> pieces)
    {
        var shadow = CodePointShadow.Of(piece.Span, _foldsLongS);
        var done = 0;
        foreach (var match in _regex.EnumerateMatches(shadow is null ? piece.Span : shadow.Text))
        {
            var start = shadow?.Origin(match.Index) ?? match.Index;
            var end = shadow?.Origin(match.Index + match.Length) ?? match.Index + match.Length;
            if (start > done)
                pieces.Add(piece[done..start]);
            if (end > start)
                pieces.Add(piece[start..end]);
            done = end;
        }
        if (done < piece.Length)
            pieces.Add(piece[done..]);
    }
}
