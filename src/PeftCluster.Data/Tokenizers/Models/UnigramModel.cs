using System.Runtime.InteropServices;
using System.Text;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>
/// Unigram as <c>tokenizers</c> has it: the best path, unknown characters in a row made one, and with byte_fallback
/// written as bytes. Short pieces are cached; long ones are worked on from border to border.
/// </summary>
internal sealed class UnigramModel : ITokenModel
{
    /// <summary>So much less likely than the least likely token is an unknown character.</summary>
    private const double UnknownPenalty = 10;

    private readonly Dictionary<string, int> _vocabulary;
    private readonly int? _unknown;
    private readonly int[]? _bytes;
    private readonly BestPath _best;
    private readonly Borders _borders;
    private readonly WordCache _cache = new();

    /// <param name="tokens">By id.</param>
    /// <param name="scores">By id.</param>
    /// <param name="unknown">The token of unknown characters, if there may be any.</param>
    /// <param name="byteFallback">Unknown characters are written as bytes.</param>
    public UnigramModel(IReadOnlyList<string> tokens, double[] scores, int? unknown, bool byteFallback)
    {
        _vocabulary = new Dictionary<string, int>(tokens.Count, StringComparer.Ordinal);
        var trie = new TokenTrie();
        for (var id = 0; id < tokens.Count; id++)
        {
            _vocabulary[tokens[id]] = id;
            if (tokens[id].Length > 0)
                trie.Add(tokens[id], id);
        }
        _unknown = unknown;
        _bytes = byteFallback ? ByteTokens.Of(_vocabulary) : null;
        _best = new BestPath(trie, scores, unknown is { } token ? (token, scores.DefaultIfEmpty().Min() - UnknownPenalty) : null, single: false);
        _borders = new Borders(tokens);
    }

    public IReadOnlyDictionary<string, int> Vocabulary => _vocabulary;

    public void Encode(ReadOnlySpan<char> piece, List<int> ids, List<TextSpan>? covers)
    {
        if (covers is null && _cache.TryGet(piece, out var known))
        {
            ids.AddRange(known);
            return;
        }
        var (start, score, path) = (ids.Count, 0.0, new List<PathStep>());
        for (var rest = piece; !rest.IsEmpty;)
        {
            var part = piece.Length <= WordCache.LongestWord ? rest : rest[.._borders.Next(rest)];
            path.Clear();
            if (!_best.Find(part, ref score, path))
                throw new BadInputException("tokenizer.json: model: a text has a character that no token covers, and unk_id is null. Use the tokenizer that the model was made with.");
            Add(part, piece.Length - rest.Length, path, ids, covers);
            rest = rest[part.Length..];
        }
        _cache.Keep(piece, CollectionsMarshal.AsSpan(ids)[start..]);
    }

    private void Add(ReadOnlySpan<char> part, int offset, List<PathStep> path, List<int> ids, List<TextSpan>? covers)
    {
        for (var i = 0; i < path.Count; i++)
        {
            var (start, known) = (path[i].Start, path[i].Id != _unknown);
            while (!known && i + 1 < path.Count && path[i + 1].Id == _unknown)
                i++;
            var before = ids.Count;
            if (known)
                ids.Add(path[i].Id);
            else
                AddUnknown(part[start..path[i].End].ToString(), ids);
            covers?.AddRange(Enumerable.Repeat(new TextSpan(offset + start, offset + path[i].End), ids.Count - before));
        }
    }

    private void AddUnknown(string text, List<int> ids)
    {
        if (_vocabulary.TryGetValue(text, out var id))
            ids.Add(id);
        else if (_bytes is not null && Encoding.UTF8.GetBytes(text) is var bytes && Array.TrueForAll(bytes, value => _bytes[value] >= 0))
            ids.AddRange(bytes.Select(value => _bytes[value]));
        else
            ids.Add(_unknown!.Value);
    }
}
