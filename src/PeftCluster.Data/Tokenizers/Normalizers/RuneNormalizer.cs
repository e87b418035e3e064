using System.Text;

namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>A normalizer that looks at one code point at a time.</summary>
internal abstract class RuneNormalizer : INormalizer
{
    public PlacedText Normalize(PlacedText text)
    {
        var (result, at) = (new PlacedBuilder(text), 0);
        foreach (var rune in text.Text.EnumerateRunes())
        {
            Append(rune, result.Text);
            result.Place(at, at += rune.Utf16SequenceLength);
        }
        return text.Places is null && result.Text.Equals(text.Text) ? text : result.Built();
    }

    /// <summary>Appends a code point. (StringBuilder would box it.)</summary>
    public static void Copy(Rune rune, StringBuilder result)
    {
        if (rune.IsBmp)
            result.Append((char)rune.Value);
        else
            result.Append(rune.ToString());
    }

    /// <summary>Appends what the code point becomes: nothing, itself, something else.</summary>
    protected abstract void Append(Rune rune, StringBuilder result);
}
