using System.Runtime.InteropServices;
using System.Text;

namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>What a file says of a BPE model beside vocabulary and merges.</summary>
internal sealed record BytePairOptions
{
    /// <summary>The token of a character that has none; null: such a character is left out.</summary>
    public int? Unknown { get; init; }

    /// <summary>Unknown characters in a row are one token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>The tokens &lt;0x00&gt; to &lt;0xFF&gt;, which stand for the UTF-8 bytes of a character without a token; −1 for one that is missing.</summary>
    public int[]? Bytes { get; init; }

    /// <summary>A piece that is a token needs no merges.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>Stands before each character but a piece's first, in the vocabulary's names.</summary>
    public string ContinuingPrefix { get; init; } = "";

    /// <summary>Stands behind a piece's last character, in the vocabulary's names.</summary>
    public string EndSuffix { get; init; } = "";
}

/// <summary>
/// BPE: a piece's characters are looked up and then merged. Pieces are cached, and long ones cut where nothing can merge
/// (<see cref="Borders"/>).
/// </summary>
internal sealed class BytePairModel : ITokenModel
{
    private readonly Dictionary<string, int> _vocabulary;
    private readonly MergeTable _merges;
    private readonly BytePairOptions _options;
    private readonly Borders? _borders;
    private readonly WordCache _cache = new();

    /// <param name="vocabulary">Tokens and ids.</param>
    /// <param name="merges">Two neighbours → when their merge was learnt, and what they become.</param>
    /// <param name="options">The rest.</param>
    public BytePairModel(Dictionary<string, int> vocabulary, Dictionary<long, Merge> merges, BytePairOptions options)
    {
        _vocabulary = vocabulary;
        _merges = new MergeTable(merges);
        _options = options;
        // A name that is not the text says nothing about what stands side by side in text.
        if (!options.IgnoreMerges && options.ContinuingPrefix.Length + options.EndSuffix.Length == 0)
            _borders = new Borders(vocabulary.Keys);
    }

    public IReadOnlyDictionary<string, int> Vocabulary => _vocabulary;

    public void Encode(ReadOnlySpan<char> piece, List<int> ids, List<TextSpan>? covers)
    {
        var start = 0;
        while (piece.Length - start > WordCache.LongestWord && _borders is not null)
        {
            var border = _borders.Next(piece[start..]);
            if (start + border == piece.Length)
                break;
            EncodePart(piece.Slice(start, border), start, ids, covers);
            start += border;
        }
        EncodePart(piece[start..], start, ids, covers);
    }

    private void EncodePart(ReadOnlySpan<char> part, int offset, List<int> ids, List<TextSpan>? covers)
    {
        if (covers is null && _cache.TryGet(part, out var known))
        {
            ids.AddRange(known);
            return;
        }
        var start = ids.Count;
        if (_options.IgnoreMerges && _vocabulary.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(part, out var whole))
        {
            ids.Add(whole);
            covers?.Add(new TextSpan(offset, offset + part.Length));
        }
        else
        {
            var first = covers?.Count ?? 0;
            AddSymbols(part, offset, ids, covers);
            var kept = _merges.Apply(CollectionsMarshal.AsSpan(ids)[start..], CollectionsMarshal.AsSpan(covers)[first..]);
            CollectionsMarshal.SetCount(ids, start + kept);
            if (covers is not null)
                CollectionsMarshal.SetCount(covers, first + kept);
        }
        _cache.Keep(part, CollectionsMarshal.AsSpan(ids)[start..]);
    }

    private void AddSymbols(ReadOnlySpan<char> part, int offset, List<int> ids, List<TextSpan>? covers)
    {
        var tokens = _vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        var (at, waiting) = (0, (TextSpan?)null);
        while (at < part.Length)
        {
            Rune.DecodeFromUtf16(part[at..], out _, out var length);
            var name = Name(part, at, at + length);
            var cover = new TextSpan(offset + at, offset + at + length);
            at += length;
            if (tokens.TryGetValue(name, out var id))
            {
                AddUnknown(ref waiting, ids, covers);
                ids.Add(id);
                covers?.Add(cover);
            }
            else if (_options.Bytes is null || !TryAddBytes(name, cover, _options.Bytes, ids, covers))
            {
                if (!_options.FuseUnknown)
                    AddUnknown(ref waiting, ids, covers);
                waiting = _options.Unknown is null ? null : waiting?.With(cover) ?? cover;
            }
        }
        AddUnknown(ref waiting, ids, covers);
    }

    private void AddUnknown(ref TextSpan? waiting, List<int> ids, List<TextSpan>? covers)
    {
        if (waiting is not { } cover)
            return;
        ids.Add(_options.Unknown!.Value);
        covers?.Add(cover);
        waiting = null;
    }

    private ReadOnlySpan<char> Name(ReadOnlySpan<char> part, int start, int end)
    {
        var (prefix, suffix) = (start > 0 ? _options.ContinuingPrefix : "", end == part.Length ? _options.EndSuffix : "");
        return prefix.Length + suffix.Length == 0 ? part[start..end] : string.Concat(prefix, part[start..end], suffix);
    }

    private static bool TryAddBytes(ReadOnlySpan<char> name, TextSpan cover, int[] tokenOfByte, List<int> ids, List<TextSpan>? covers)
    {
        var start = ids.Count;
        foreach (var value in Encoding.UTF8.GetBytes(name.ToArray()))
            ids.Add(tokenOfByte[value]);
        if (ids.IndexOf(-1, start) < 0)
        {
            covers?.AddRange(Enumerable.Repeat(cover, ids.Count - start));
            return true;
        }
        ids.RemoveRange(start, ids.Count - start);
        return false;
    }
}
