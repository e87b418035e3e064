using System.Text;

namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>Cuts at every code point of a kind: Digits, Punctuation, WhitespaceSplit, CharDelimiterSplit. Each is a match of its own.</summary>
internal sealed class RuneSplit(Func<Rune, bool> isMatch, SplitBehavior behavior) : IPreTokenizer
{
    public void Split(ReadOnlySpan<char> piece, bool first, PieceSink next)
    {
        var cutter = new Cutter(piece, first, behavior, next);
        var (done, at) = (0, 0);
        foreach (var rune in piece.EnumerateRunes())
        {
            var end = at + rune.Utf16SequenceLength;
            if (isMatch(rune))
            {
                if (at > done)
                    cutter.Take(done, at, match: false);
                cutter.Take(at, end, match: true);
                done = end;
            }
            at = end;
        }
        if (done < piece.Length)
            cutter.Take(done, piece.Length, match: false);
        cutter.End();
    }
}
