namespace PeftCluster.Data.Tokenizers;

/// <summary>Tokens as they are found, and, where somebody asks, what each covers of the original text.</summary>
internal sealed class TokenList
{
    private readonly List<TextSpan>? _inPiece;

    /// <param name="capacity">How many tokens are expected.</param>
    /// <param name="covers">Whether somebody asks what they cover.</param>
    public TokenList(int capacity, bool covers)
    {
        Ids = new List<int>(capacity);
        (Covers, _inPiece) = covers ? (new List<TextSpan>(capacity), new List<TextSpan>()) : (null, null);
    }

    public List<int> Ids { get; }

    /// <summary>One stretch of the original text for each id; null: nobody asks.</summary>
    public List<TextSpan>? Covers { get; }

    public bool HasCovers => Covers is not null;

    public void Add(int id, TextSpan cover)
    {
        Ids.Add(id);
        Covers?.Add(cover);
    }

    /// <summary>Appends what a model makes of a piece that is not empty.</summary>
    public void Add(TextPiece piece, PieceEncoder encode)
    {
        _inPiece?.Clear();
        encode(piece.Text, Ids, _inPiece);
        foreach (var (start, end) in _inPiece ?? [])
            Covers!.Add(piece.PlaceOf(start, end));
    }
}

/// <summary>Appends the tokens of a piece, and where <paramref name="covers"/> is there, the chars of the piece that each covers.</summary>
internal delegate void PieceEncoder(ReadOnlySpan<char> piece, List<int> ids, List<TextSpan>? covers);
