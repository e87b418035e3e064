using System.Text;

namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>A normalizer that looks at one code point at a time.</summary>
internal abstract class RuneNormalizer : INormalizer
{
    public string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Append(rune, result);
        return result.Equals(text) ? text : result.ToString();
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
