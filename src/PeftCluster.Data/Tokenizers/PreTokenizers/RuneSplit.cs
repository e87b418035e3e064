using System.Text;

namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>Cuts at every code point of a kind: Digits, Punctuation, WhitespaceSplit, CharDelimiterSplit. Each is a match of its own.</summary>
internal sealed class RuneSplit(Func<Rune, bool> isMatch, SplitBehavior behavior) : IPreTokenizer
{
    public void Split(TextPiece piece, PieceSink next)
    {
        var cutter = new Cutter(piece, behavior, next);
        var (done, at) = (0, 0);
        foreach (var rune in piece.Text.EnumerateRunes())
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
        if (done < piece.Text.Length)
            cutter.Take(done, piece.Text.Length, match: false);
        cutter.End();
    }
}
