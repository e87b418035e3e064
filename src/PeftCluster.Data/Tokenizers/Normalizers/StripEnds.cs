namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>Strip: white space at the ends goes.</summary>
internal sealed class StripEnds(bool left, bool right) : INormalizer
{
    public string Normalize(string text) => (left, right) switch
    {
        (true, true) => text.Trim(),
        (true, false) => text.TrimStart(),
        (false, true) => text.TrimEnd(),
        _ => text,
    };
}
