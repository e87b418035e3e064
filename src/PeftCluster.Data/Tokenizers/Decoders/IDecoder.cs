namespace PeftCluster.Data.Tokenizers.Decoders;

/// <summary>Turns tokens' texts into what was written. One stage of "decoder" in tokenizer.json; what the last leaves is joined.</summary>
internal interface IDecoder
{
    /// <summary>The list with each token's part of the text; the number of parts may change.</summary>
    List<string> Decode(List<string> tokens);
}
