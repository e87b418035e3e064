namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>Sequence: each stage sees the pieces that the one before it left. Without stages a piece stays whole.</summary>
internal sealed class PreTokenizerSequence(IReadOnlyList<IPreTokenizer> stages) : IPreTokenizer
{
    public void Split(TextPiece piece, PieceSink next)
    {
        foreach (var stage in stages.Reverse())
        {
            var behind = next;
            next = part =>
            {
                if (!part.Text.IsEmpty)
                    stage.Split(part, behind);
            };
        }
        next(piece);
    }
}
