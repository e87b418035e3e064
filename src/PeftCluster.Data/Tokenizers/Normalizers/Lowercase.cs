using System.Text;

namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>Small letters, code point by code point (a sigma at a word's end is not special). "İ" is the only one that becomes two.</summary>
internal sealed class Lowercase : RuneNormalizer
{
    protected override void Append(Rune rune, StringBuilder result)
    {
        if (rune.Value == 'İ')
            result.Append("i\u0307");
        else
            Copy(Rune.ToLowerInvariant(rune), result);
    }
}
