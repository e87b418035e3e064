namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>Sequence: each stage sees the pieces that the one before it left. Without stages a piece stays whole.</summary>
internal sealed class PreTokenizerSequence(IReadOnlyList<IPreTokenizer> stages) : IPreTokenizer
{
    public void Split(ReadOnlySpan<char> piece, bool first, PieceSink next)
    {
        foreach (var stage in stages.Reverse())
        {
            var behind = next;
            next = (part, isFirst) =>
            {
                if (!part.IsEmpty)
                    stage.Split(part, isFirst, behind);
            };
        }
        next(piece, first);
    }
}
