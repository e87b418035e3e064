namespace PeftCluster.Data.Tokenizers.PreTokenizers;

/// <summary>Takes one piece of text.</summary>
internal delegate void PieceSink(TextPiece piece);

/// <summary>
/// What cuts normalized text into the pieces that the model works within. One stage of "pre_tokenizer" in tokenizer.json.
/// Pieces go one by one through all stages, so that no stage holds more than one, and a look-ahead never sees past it.
/// </summary>
internal interface IPreTokenizer
{
    /// <summary>Hands on what the piece becomes. An empty piece goes no further.</summary>
    void Split(TextPiece piece, PieceSink next);
}
