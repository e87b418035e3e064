using PeftCluster.Data.Tokenizers.Unicode;

namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>NFC, NFD, NFKC, NFKD.</summary>
internal sealed class FormNormalizer(UnicodeForm form) : INormalizer
{
    public PlacedText Normalize(PlacedText text) => form.Apply(text);
}
