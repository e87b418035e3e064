namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>Prepend: something before every text that is not empty. It counts as a part of the first char.</summary>
internal sealed class Prepend(string what) : INormalizer
{
    public PlacedText Normalize(PlacedText text)
    {
        if (text.Text.Length == 0)
            return text;
        var result = new PlacedBuilder(text);
        result.Add(what, 0, 1);
        result.Copy(0, text.Text.Length);
        return result.Built();
    }
}
