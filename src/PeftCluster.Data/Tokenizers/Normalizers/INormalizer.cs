namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>What happens to text before it is cut. One stage of "normalizer" in tokenizer.json.</summary>
internal interface INormalizer
{
    /// <summary>The text as the next stage sees it; the same one where nothing changes. Given and returned text has whole code points.</summary>
    string Normalize(string text);
}
