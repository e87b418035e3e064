namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>Prepend: something before every text that is not empty.</summary>
internal sealed class Prepend(string what) : INormalizer
{
    public string Normalize(string text) => text.Length == 0 ? text : what + text;
}
