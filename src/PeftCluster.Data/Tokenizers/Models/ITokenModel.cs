namespace PeftCluster.Data.Tokenizers.Models;

/// <summary>Turns pieces into tokens. Threads may share one.</summary>
internal interface ITokenModel
{
    /// <summary>Every token of the model and its id.</summary>
    IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>Appends the tokens of one piece, which is not empty.</summary>
    void Encode(ReadOnlySpan<char> piece, List<int> ids);
}
