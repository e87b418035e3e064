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
    /// <param name="afterUnknown">Whether the one before it was unknown too.</param>
    /// <param name="ids">Takes the ids.</param>
    public void Add(Rune character, bool afterUnknown, List<int> ids)
    {
        if (_bytes is null)
        {
            if (!afterUnknown)
                ids.Add(Id);
            return;
        }
        Span<byte> bytes = stackalloc byte[4];
        foreach (var value in bytes[..character.EncodeToUtf8(bytes)])
            ids.Add(_bytes[value]);
    }
}
