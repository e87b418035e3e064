using System.Runtime.InteropServices;
using System.Text;

namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>
/// WordPiece (BERT): the longest token that a word begins with, then the longest that goes on (with ## before it), to the
/// word's end. A word that cannot be written so, or is too long, is unknown as a whole.
/// </summary>
internal sealed class WordPieceModel : ITokenModel
{
    private readonly Dictionary<string, int> _vocabulary;
    private readonly int _unknown;
    private readonly string _prefix;
    private readonly int _longestWord;
    private readonly int _longestToken;
    private readonly WordCache _cache = new();

    /// <param name="vocabulary">Tokens and ids.</param>
    /// <param name="unknown">The token of a word that cannot be written.</param>
    /// <param name="prefix">Stands before what goes on.</param>
    /// <param name="longestWord">A word of more code points is unknown.</param>
    public WordPieceModel(Dictionary<string, int> vocabulary, int unknown, string prefix, int longestWord)
    {
        _vocabulary = vocabulary;
        _unknown = unknown;
        _prefix = prefix;
        _longestWord = longestWord;
        _longestToken = vocabulary.Keys.Select(token => token.Length).DefaultIfEmpty().Max();
    }

    public IReadOnlyDictionary<string, int> Vocabulary => _vocabulary;

    public void Encode(ReadOnlySpan<char> piece, List<int> ids, List<TextSpan>? covers)
    {
        if (covers is null && _cache.TryGet(piece, out var known))
        {
            ids.AddRange(known);
            return;
        }
        var start = ids.Count;
        if (IsTooLong(piece) || !TryWrite(piece, ids, covers))
        {
            CollectionsMarshal.SetCount(ids, start);
            ids.Add(_unknown);
            covers?.Clear();
            covers?.Add(new TextSpan(0, piece.Length));
        }
        _cache.Keep(piece, CollectionsMarshal.AsSpan(ids)[start..]);
    }

    private bool IsTooLong(ReadOnlySpan<char> piece)
    {
        var count = 0;
        foreach (var _ in piece.EnumerateRunes())
        {
            if (++count > _longestWord)
                return true;
        }
        return false;
    }

    private bool TryWrite(ReadOnlySpan<char> piece, List<int> ids, List<TextSpan>? covers)
    {
        var tokens = _vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var at = 0; at < piece.Length;)
        {
            var rest = piece[at..];
            var length = Math.Min(rest.Length, _longestToken);
            int id;
            while (!tokens.TryGetValue(at == 0 ? rest[..length] : string.Concat(_prefix, rest[..length]), out id))
            {
                Rune.DecodeLastFromUtf16(rest[..length], out _, out var last);
                length -= last;
                if (length == 0)
                    return false;
            }
            ids.Add(id);
            covers?.Add(new TextSpan(at, at + length));
            at += length;
        }
        return true;
    }
}
