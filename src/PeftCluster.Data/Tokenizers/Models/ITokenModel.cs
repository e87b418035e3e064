namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>Turns pieces into tokens. Threads may share one.</summary>
internal interface ITokenModel
{
    /// <summary>Every token of the model and its id.</summary>
    IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>Appends the tokens of one piece, which is not empty, and, where there is a list for them (which is empty), the chars of the piece that each covers.</summary>
    void Encode(ReadOnlySpan<char> piece, List<int> ids, List<TextSpan>? covers);
}
