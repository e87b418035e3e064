using System.Text;

namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>What SentencePiece's nmt rules add to NFKC: control characters go, other blanks become spaces.</summary>
internal sealed class Nmt : RuneNormalizer
{
    protected override void Append(Rune rune, StringBuilder result)
    {
        switch (rune.Value)
        {
            case (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F:
                break;
            case 0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F) or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD:
                result.Append(' ');
                break;
            default:
                Copy(rune, result);
                break;
        }
    }
}
