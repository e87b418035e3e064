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
    public string Normalize(ReadOnlySpan<char> text, bool inside = false)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        ReadOnlySpan<byte> rest = bytes;
        var drops = _model.RemoveExtraWhitespaces;
        while (drops && !inside && !rest.IsEmpty && Prefix(rest, out var length) is [Space])
            rest = rest[length..];
        if (rest.IsEmpty)
            return "";

        var result = new ArrayBufferWriter<byte>(rest.Length + rest.Length / 4 + 16);
        var adds = _model.AddDummyPrefix && !inside;
        if (adds && !_model.TreatWhitespaceAsSuffix)
            result.Write(_space);
        var afterSpace = drops && !inside;
        while (!rest.IsEmpty)
        {
            var part = Prefix(rest, out var length);
            rest = rest[length..];
            if (afterSpace)
                part = part.TrimStart(Space);
            if (part.IsEmpty)
                continue;
            Append(part, result);
            afterSpace = drops && part[^1] == Space;
        }
        var written = result.WrittenSpan;
        while (drops && written.EndsWith(_space))
            written = written[..^_space.Length];
        return Encoding.UTF8.GetString(written) + (adds && _model.TreatWhitespaceAsSuffix ? Encoding.UTF8.GetString(_space) : "");
    }

    private void Append(ReadOnlySpan<byte> part, ArrayBufferWriter<byte> result)
    {
        for (var space = part.IndexOf(Space); space >= 0; space = part.IndexOf(Space))
        {
            result.Write(part[..space]);
            result.Write(_space);
            part = part[(space + 1)..];
        }
        result.Write(part);
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
