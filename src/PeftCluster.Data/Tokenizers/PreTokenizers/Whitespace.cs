using System.Text;
using PeftCluster.Data.Tokenizers.Unicode;

namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>Whitespace: <c>\w+|[^\w\s]+</c> as Rust's regex crate has it. Runs of word characters, runs of signs; white space goes.</summary>
internal sealed class Whitespace : IPreTokenizer
{
    private enum Kind
    {
        Space,
        Word,
        Sign,
    }

    public void Split(TextPiece piece, PieceSink next)
    {
        var (start, at, last) = (0, 0, Kind.Space);
        foreach (var rune in piece.Text.EnumerateRunes())
        {
            var kind = CharacterKind.IsWord(rune) ? Kind.Word : Rune.IsWhiteSpace(rune) ? Kind.Space : Kind.Sign;
            if (kind != last)
            {
                if (last != Kind.Space)
                    next(piece.Slice(start, at));
                (start, last) = (at, kind);
            }
            at += rune.Utf16SequenceLength;
        }
        if (last != Kind.Space)
            next(piece.Slice(start, piece.Text.Length));
    }
}
