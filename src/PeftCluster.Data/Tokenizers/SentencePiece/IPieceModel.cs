namespace PeftCluster.Data.Tokenizers.SentencePiece;

/// <summary>Turns normalized text into pieces. Threads may share one.</summary>
internal interface IPieceModel
{
    /// <summary>Appends the pieces of a text that is not empty, and, where there is a list for them, the chars that each covers.</summary>
    void Encode(ReadOnlySpan<char> text, List<int> ids, List<TextSpan>? covers);
}
