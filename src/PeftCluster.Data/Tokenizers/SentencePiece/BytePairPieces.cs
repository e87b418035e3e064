using System.Runtime.InteropServices;
using System.Text;
using PeftCluster.Data.Tokenizers.Models;

namespace PeftCluster.Data.Tokenizers.SentencePiece;

/// <summary>
/// SentencePiece's BPE (bpe_model.cc): neighbours become one where their texts together are a piece; the piece with the
/// highest score first, the leftmost of equals. So every way to cut a piece into two is a merge, its rank the piece's. A
/// user-defined piece is found in the text first and never merged. Texts fall into words at <see cref="Borders"/>.
/// </summary>
internal sealed class BytePairPieces : IPieceModel
{
    private readonly MergeTable _merges;
    private readonly Dictionary<string, int> _symbols = new(StringComparer.Ordinal);
    private readonly List<int> _letters = [];
    private readonly TokenTrie _userDefined = new();
    private readonly Borders _borders;
    private readonly UnknownPieces _unknown;
    private readonly WordCache _cache = new();
    private readonly int _count;

    public BytePairPieces(SentencePieceModel model)
    {
        (_count, _unknown) = (model.Pieces.Count, new UnknownPieces(model));
        List<int> ids = [.. model.Ids(PieceType.Normal, PieceType.UserDefined)];
        foreach (var id in ids)
        {
            _symbols[model.Pieces[id].Text] = id;
            if (model.Pieces[id].Type == PieceType.UserDefined)
                _userDefined.Add(model.Pieces[id].Text, id);
        }
        foreach (var id in ids)
            AddLetters(model.Pieces[id].Text);
        _merges = new MergeTable(Merges(model, ids));
        _borders = new Borders(ids.Select(id => model.Pieces[id].Text));
    }

    public void Encode(ReadOnlySpan<char> text, List<int> ids, List<TextSpan>? covers)
    {
        // What is unknown ends before a border: both characters beside it are pieces.
        for (var offset = 0; offset < text.Length;)
        {
            var part = text.Slice(offset, _borders.Next(text[offset..]));
            if (covers is null && _cache.TryGet(part, out var known))
            {
                ids.AddRange(known);
            }
            else
            {
                var start = ids.Count;
                EncodePart(part, offset, ids, covers);
                _cache.Keep(part, CollectionsMarshal.AsSpan(ids)[start..]);
            }
            offset += part.Length;
        }
    }

    /// <summary>A letter that pieces hold and that is none itself can still merge: it gets a number behind the pieces.</summary>
    private void AddLetters(string piece)
    {
        foreach (var letter in piece.EnumerateRunes())
        {
            if (_symbols.TryAdd(letter.ToString(), _count + _letters.Count))
                _letters.Add(letter.Value);
        }
    }

    private Dictionary<long, Merge> Merges(SentencePieceModel model, List<int> ids)
    {
        var ranks = ids.Select(id => model.Pieces[id].Score).Distinct().OrderDescending().Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var (merges, symbols) = (new Dictionary<long, Merge>(), _symbols.GetAlternateLookup<ReadOnlySpan<char>>());
        foreach (var id in ids)
        {
            var (text, merge) = (model.Pieces[id].Text, new Merge(ranks[model.Pieces[id].Score], id));
            for (var cut = 1; cut < text.Length; cut++)
            {
                if (symbols.TryGetValue(text.AsSpan(0, cut), out var left) && symbols.TryGetValue(text.AsSpan(cut), out var right))
                    merges[MergeTable.PairOf(left, right)] = merge;
            }
        }
        return merges;
    }

    private void EncodePart(ReadOnlySpan<char> part, int offset, List<int> ids, List<TextSpan>? covers)
    {
        var (symbols, places) = (new List<int>(part.Length), new List<TextSpan>(covers is null ? 0 : part.Length));
        for (var at = 0; at < part.Length;)
        {
            var length = AddSymbol(part[at..], symbols);
            if (covers is not null)
                places.Add(new TextSpan(offset + at, offset + at + length));
            at += length;
        }
        var kept = _merges.Apply(CollectionsMarshal.AsSpan(symbols), CollectionsMarshal.AsSpan(places));
        var afterUnknown = false;
        for (var i = 0; i < kept; i++)
        {
            var ((id, letter), cover) = (Meaning(symbols[i]), covers is null ? default : places[i]);
            if (id is { } piece)
            {
                ids.Add(piece);
                covers?.Add(cover);
            }
            else
            {
                _unknown.Add(new Rune(letter), cover, afterUnknown, ids, covers);
            }
            afterUnknown = id is null;
        }
    }

    /// <summary>
    /// Adds the symbol that the text begins with, and says how long it is. What never merges is negative: user-defined
    /// pieces and letters that no piece holds.
    /// </summary>
    private int AddSymbol(ReadOnlySpan<char> text, List<int> symbols)
    {
        var (found, length, node) = (-1, 0, TokenTrie.Root);
        for (var i = 0; i < text.Length && (node = _userDefined.Step(node, text[i])) >= 0; i++)
        {
            if (_userDefined.IdAt(node) >= 0)
                (found, length) = (_userDefined.IdAt(node), i + 1);
        }
        if (found >= 0)
        {
            symbols.Add(-2 - found * 2);
            return length;
        }
        Rune.DecodeFromUtf16(text, out var letter, out length);
        symbols.Add(_symbols.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out var symbol) ? symbol : -3 - letter.Value * 2);
        return length;
    }

    private (int? Id, int Letter) Meaning(int symbol) => symbol switch
    {
        < 0 when symbol % 2 == 0 => ((-2 - symbol) / 2, 0),
        < 0 => (null, (-3 - symbol) / 2),
        _ when symbol >= _count => (null, _letters[symbol - _count]),
        _ => (symbol, 0),
    };
}
