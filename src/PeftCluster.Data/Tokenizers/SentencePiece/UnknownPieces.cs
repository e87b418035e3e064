using System.Text;
using PeftCluster.Data.Tokenizers.Models;

namespace PeftCluster.Data.Tokenizers.SentencePiece;

/// <summary>What a character without a piece becomes: its bytes, or the unknown piece, of which several in a row are one.</summary>
internal sealed class UnknownPieces
{
    private readonly int[]? _bytes;

    public UnknownPieces(SentencePieceModel model)
    {
        Id = model.Find(PieceType.Unknown)!.Value;
        if (model.ByteFallback)
            _bytes = ByteTokens.Of(model.Ids(PieceType.Byte).ToDictionary(id => model.Pieces[id].Text));
    }

    /// <summary>The unknown piece.</summary>
    public int Id { get; }

    /// <summary>Appends what a character becomes.</summary>
    /// <param name="character">A code point without a piece.</param>
    /// <param name="cover">Where it stands.</param>
    /// <param name="afterUnknown">Whether the one before it was unknown too.</param>
    /// <param name="ids">Takes the ids.</param>
    /// <param name="covers">Takes what they cover, where somebody asks.</param>
    public void Add(Rune character, TextSpan cover, bool afterUnknown, List<int> ids, List<TextSpan>? covers)
    {
        if (_bytes is null && afterUnknown)
        {
            if (covers is not null)
                covers[^1] = covers[^1].With(cover);
            return;
        }
        Span<byte> bytes = stackalloc byte[4];
        var count = _bytes is null ? 1 : character.EncodeToUtf8(bytes);
        for (var i = 0; i < count; i++)
        {
            ids.Add(_bytes is null ? Id : _bytes[bytes[i]]);
            covers?.Add(cover);
        }
    }
}
