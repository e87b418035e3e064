using System.Buffers;
using System.Text;

namespace PeftCluster.Data.Tokenizers.SentencePiece;

/// <summary>
/// SentencePiece's normalizer (normalizer.cc): at each place the longest user-defined piece stays as it is, else the
/// longest rule that fits replaces, else a character stays. Spaces are dropped, made one, escaped and added as the model says.
/// </summary>
internal sealed class SentencePieceNormalizer
{
    private const byte Space = (byte)' ';

    private static readonly byte[] Escaped = [.. "▁"u8];

    private readonly SentencePieceModel _model;
    private readonly byte[] _space;
    private readonly byte[][] _userDefined;
    private readonly SearchValues<byte> _userDefinedStarts;

    public SentencePieceNormalizer(SentencePieceModel model)
    {
        _model = model;
        _space = model.EscapeWhitespaces ? Escaped : [Space];
        _userDefined = [.. model.Ids(PieceType.UserDefined).Select(id => Encoding.UTF8.GetBytes(model.Pieces[id].Text)).OrderByDescending(bytes => bytes.Length)];
        _userDefinedStarts = SearchValues.Create([.. _userDefined.Select(bytes => bytes[0])]);
    }

    /// <param name="text">Any text.</param>
    /// <param name="inside">It follows a token that was found in the text: no space is put before it, and its own one stays.</param>
    public PlacedText Normalize(TextPiece text, bool inside = false)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text.Text)];
        Encoding.UTF8.GetBytes(text.Text, bytes);
        ReadOnlySpan<byte> rest = bytes;
        var drops = _model.RemoveExtraWhitespaces;
        while (drops && !inside && !rest.IsEmpty && Prefix(rest, out var length) is [Space])
            rest = rest[length..];
        var result = new PlacedBytes(text, rest.Length);
        if (rest.IsEmpty)
            return result.Built();

        var adds = _model.AddDummyPrefix && !inside;
        if (adds && !_model.TreatWhitespaceAsSuffix)
            result.Write(_space, bytes.Length - rest.Length, 1);
        var afterSpace = drops && !inside;
        while (!rest.IsEmpty)
        {
            var start = bytes.Length - rest.Length;
            var part = Prefix(rest, out var length);
            rest = rest[length..];
            if (afterSpace)
                part = part.TrimStart(Space);
            if (part.IsEmpty)
                continue;
            Append(part, start, length, result);
            afterSpace = drops && part[^1] == Space;
        }
        while (drops && result.Written.EndsWith(_space))
            result.RemoveLast(_space.Length);
        if (adds && _model.TreatWhitespaceAsSuffix)
            result.Write(_space, bytes.Length - 1, 1);
        return result.Built();
    }

    private void Append(ReadOnlySpan<byte> part, int start, int length, PlacedBytes result)
    {
        for (var space = part.IndexOf(Space); space >= 0; space = part.IndexOf(Space))
        {
            result.Write(part[..space], start, length);
            result.Write(_space, start, length);
            part = part[(space + 1)..];
        }
        result.Write(part, start, length);
    }

    /// <summary>What the beginning of the text becomes, and how long that beginning is.</summary>
    private ReadOnlySpan<byte> Prefix(ReadOnlySpan<byte> text, out int length)
    {
        if (_userDefinedStarts.Contains(text[0]))
        {
            foreach (var piece in _userDefined)
            {
                if (text.StartsWith(piece))
                    return text[..(length = piece.Length)];
            }
        }
        if (_model.Rules is { } rules && rules.Find(text, longest: true, out length, out var replacement))
            return replacement;
        // A damaged rule may end inside of a character; what is left of it is replaced byte by byte.
        return Rune.DecodeFromUtf8(text, out _, out length) == OperationStatus.Done ? text[..length] : Replaced(out length);
    }

    private static ReadOnlySpan<byte> Replaced(out int length)
    {
        length = 1;
        return "\uFFFD"u8;
    }
}
