using PeftCluster.Data.Tokenizers.Patterns;

namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>Split: cuts at the matches of a pattern; inverted, at what lies between them.</summary>
internal sealed class PatternSplit(TextPattern pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    public void Split(TextPiece piece, PieceSink next)
    {
        var cutter = new Cutter(piece, behavior, next);
        var done = 0;
        foreach (var (start, end) in pattern.In(piece.Text))
        {
            if (start > done)
                cutter.Take(done, start, invert);
            cutter.Take(start, end, !invert);
            done = end;
        }
        if (done < piece.Text.Length)
            cutter.Take(done, piece.Text.Length, invert);
        cutter.End();
    }
}
