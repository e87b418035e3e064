using System.Text;
using PeftCluster.Data.Tokenizers.Unicode;

namespace PeftCluster.Data.Tokenizers.Normalizers;

/// <summary>Leaves all marks out. It takes nothing apart: files put NFD before it.</summary>
internal sealed class StripAccents : RuneNormalizer
{
    protected override void Append(Rune rune, StringBuilder result)
    {
        if (!CharacterKind.IsMark(rune))
            Copy(rune, result);
    }
}
