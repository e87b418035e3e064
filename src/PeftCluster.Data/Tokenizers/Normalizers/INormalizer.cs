namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>What happens to text before it is cut. One stage of "normalizer" in tokenizer.json.</summary>
internal interface INormalizer
{
    /// <summary>The text as the next stage sees it. Given and returned text has whole code points.</summary>
    PlacedText Normalize(PlacedText text);
}

internal static class Normalizing
{
    /// <summary>The text as the next stage sees it, where nobody asks what came from where.</summary>
    public static string Normalize(this INormalizer normalizer, string text) => normalizer.Normalize(new PlacedText(text, null)).Text;
}
