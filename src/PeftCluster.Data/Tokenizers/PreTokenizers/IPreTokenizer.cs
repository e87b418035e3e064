namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>Takes one piece of text; <paramref name="first"/>: it begins where the whole text begins.</summary>
internal delegate void PieceSink(ReadOnlySpan<char> piece, bool first);

/// <summary>
/// What cuts normalized text into the pieces that the model works within. One stage of "pre_tokenizer" in tokenizer.json.
/// Pieces go one by one through all stages, so that no stage holds more than one, and a look-ahead never sees past it.
/// </summary>
internal interface IPreTokenizer
{
    /// <summary>Hands on what the piece becomes. An empty piece goes no further.</summary>
    void Split(ReadOnlySpan<char> piece, bool first, PieceSink next);
}
