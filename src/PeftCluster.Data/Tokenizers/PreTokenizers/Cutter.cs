namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>What becomes of a match that text is cut at.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}

/// <summary>
/// Cuts a piece at matches. It is told of all of the piece from left to right: matches, and what lies between two. One part
/// is held back, since what follows may belong to it.
/// </summary>
internal ref struct Cutter(TextPiece piece, SplitBehavior behavior, PieceSink next)
{
    private readonly TextPiece _piece = piece;
    private (int Start, int End)? _held;
    private bool _match;

    /// <summary>The next part.</summary>
    public void Take(int start, int end, bool match)
    {
        if (_held is { } held && Joins(match))
        {
            _held = (held.Start, end);
        }
        else
        {
            End();
            _held = (start, end);
        }
        _match = match;
    }

    /// <summary>Nothing follows.</summary>
    public void End()
    {
        if (_held is { } held && held.End > held.Start && !(behavior == SplitBehavior.Removed && _match))
            next(_piece.Slice(held.Start, held.End));
        _held = null;
    }

    private readonly bool Joins(bool match) => behavior switch
    {
        SplitBehavior.Contiguous => match == _match,
        SplitBehavior.MergedWithPrevious => match && !_match,
        SplitBehavior.MergedWithNext => !match && _match,
        _ => false,
    };
}
