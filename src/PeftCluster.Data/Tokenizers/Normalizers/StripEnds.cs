namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>Strip: white space at the ends goes.</summary>
internal sealed class StripEnds(bool left, bool right) : INormalizer
{
    public PlacedText Normalize(PlacedText text)
    {
        var start = left ? text.Text.Length - text.Text.AsSpan().TrimStart().Length : 0;
        var end = right ? text.Text.AsSpan().TrimEnd().Length : text.Text.Length;
        return (start, end) == (0, text.Text.Length) ? text : text.Slice(Math.Min(start, end), end);
    }
}
