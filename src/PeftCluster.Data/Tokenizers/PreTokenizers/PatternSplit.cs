using PeftCluster.Data.Tokenizers.Patterns;

namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>Split: cuts at the matches of a pattern; inverted, at what lies between them.</summary>
internal sealed class PatternSplit(TextPattern pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    public void Split(ReadOnlySpan<char> piece, bool first, PieceSink next)
    {
        var cutter = new Cutter(piece, first, behavior, next);
        var done = 0;
        foreach (var (start, end) in pattern.In(piece))
        {
            if (start > done)
                cutter.Take(done, start, invert);
            cutter.Take(start, end, !invert);
            done = end;
        }
        if (done < piece.Length)
            cutter.Take(done, piece.Length, invert);
        cutter.End();
    }
}
