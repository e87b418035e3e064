using PeftCluster.Data.Tokenizers.Patterns;

namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>Replace: every match becomes a text, which is taken as it is (no groups).</summary>
internal sealed class Replace(TextPattern pattern, string content) : INormalizer
{
    public PlacedText Normalize(PlacedText text)
    {
        var (result, done) = ((PlacedBuilder?)null, 0);
        foreach (var (start, end) in pattern.In(text.Text))
        {
            result ??= new PlacedBuilder(text);
            result.Copy(done, start);
            // Where nothing was matched, what is put in belongs to its neighbour.
            if (end > start)
                result.Add(content, start, end);
            else
                result.Add(content, Math.Max(0, start - 1), Math.Min(text.Text.Length, Math.Max(1, start)));
            done = end;
        }
        if (result is null)
            return text;
        result.Copy(done, text.Text.Length);
        return result.Built();
    }
}
