namespace PeftCluster.Data.Tokenizers.SentencePiece;

/// <summary>What a piece is for (sentencepiece_model.proto, SentencePiece.Type).</summary>
internal enum PieceType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>How pieces are chosen (TrainerSpec.ModelType).</summary>
internal enum PieceModelType
{
    Unigram = 1,
    Bpe = 2,
}

/// <summary>One piece; its id is its place in the list.</summary>
internal readonly record struct Piece(string Text, float Score, PieceType Type);

/// <summary>What a SentencePiece model file says, as far as it decides ids and texts. Defaults are those of sentencepiece_model.proto.</summary>
internal sealed record SentencePieceModel
{
    public required IReadOnlyList<Piece> Pieces { get; init; }

    public PieceModelType Type { get; init; } = PieceModelType.Unigram;

    /// <summary>Unknown characters are written as bytes.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>What the unknown piece is in decoded text.</summary>
    public string UnknownSurface { get; init; } = " ⁇ ";

    public string BosPiece { get; init; } = "<s>";

    public string EosPiece { get; init; } = "</s>";

    /// <summary>Rules that text goes through; null: none.</summary>
    public Normalizers.CharacterMap? Rules { get; init; }

    /// <summary>A text gets a space before it.</summary>
    public bool AddDummyPrefix { get; init; } = true;

    /// <summary>Spaces at the ends go, several become one.</summary>
    public bool RemoveExtraWhitespaces { get; init; } = true;

    /// <summary>A space is written ▁.</summary>
    public bool EscapeWhitespaces { get; init; } = true;

    /// <summary>The dummy space stands behind the text.</summary>
    public bool TreatWhitespaceAsSuffix { get; init; }

    /// <summary>The id of a piece of this type and text, or null.</summary>
    public int? Find(PieceType type, string? text = null)
    {
        for (var id = 0; id < Pieces.Count; id++)
        {
            if (Pieces[id].Type == type && (text is null || Pieces[id].Text == text))
                return id;
        }
        return null;
    }

    /// <summary>The ids of all pieces of some types.</summary>
    public IEnumerable<int> Ids(params PieceType[] types) => Enumerable.Range(0, Pieces.Count).Where(id => types.Contains(Pieces[id].Type));
}
