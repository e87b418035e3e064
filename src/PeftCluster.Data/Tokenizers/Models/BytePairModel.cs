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

    public void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        while (piece.Length > WordCache.LongestWord && _borders is not null)
        {
            var border = _borders.Next(piece);
            if (border == piece.Length)
                break;
            EncodePart(piece[..border], ids);
            piece = piece[border..];
        }
        EncodePart(piece, ids);
    }

    private void EncodePart(ReadOnlySpan<char> part, List<int> ids)
    {
        if (_cache.TryGet(part, out var known))
        {
            ids.AddRange(known);
            return;
        }
        var start = ids.Count;
        if (_options.IgnoreMerges && _vocabulary.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(part, out var whole))
        {
            ids.Add(whole);
        }
        else
        {
            AddSymbols(part, ids);
            var kept = _merges.Apply(CollectionsMarshal.AsSpan(ids)[start..]);
            CollectionsMarshal.SetCount(ids, start + kept);
        }
        _cache.Keep(part, CollectionsMarshal.AsSpan(ids)[start..]);
    }

    private void AddSymbols(ReadOnlySpan<char> part, List<int> ids)
    {
        var tokens = _vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        var (at, unknownWaits) = (0, false);
        while (at < part.Length)
        {
            Rune.DecodeFromUtf16(part[at..], out _, out var length);
            var name = Name(part, at, at + length);
            at += length;
            if (tokens.TryGetValue(name, out var id))
            {
                if (unknownWaits)
                    ids.Add(_options.Unknown!.Value);
                unknownWaits = false;
                ids.Add(id);
            }
            else if (_options.Bytes is null || !TryAddBytes(name, _options.Bytes, ids))
            {
                if (unknownWaits && !_options.FuseUnknown)
                    ids.Add(_options.Unknown!.Value);
                unknownWaits = _options.Unknown is not null;
            }
        }
        if (unknownWaits)
            ids.Add(_options.Unknown!.Value);
    }

    private ReadOnlySpan<char> Name(ReadOnlySpan<char> part, int start, int end)
    {
        var (prefix, suffix) = (start > 0 ? _options.ContinuingPrefix : "", end == part.Length ? _options.EndSuffix : "");
        return prefix.Length + suffix.Length == 0 ? part[start..end] : string.Concat(prefix, part[start..end], suffix);
    }

    private static bool TryAddBytes(ReadOnlySpan<char> name, int[] tokenOfByte, List<int> ids)
    {
        var start = ids.Count;
        foreach (var value in Encoding.UTF8.GetBytes(name.ToArray()))
            ids.Add(tokenOfByte[value]);
        if (ids.IndexOf(-1, start) < 0)
            return true;
        ids.RemoveRange(start, ids.Count - start);
        return false;
    }
}
