using System.Buffers.Binary;
using System.Text;

namespace PeftCluster.Training.Native;

/// <summary>
/// Makes one required symbol version of an ELF file weak, so that the dynamic linker skips it where the system's
/// library lacks it. LibTorchSharp asks for GLIBCXX_3.4.32 (Debian 12 and Ubuntu 22.04 end before it), but the one
/// symbol behind it is a marker that nothing calls. Works on bytes of ELF64, little endian; offsets are those of
/// the ELF and Linux Standard Base specifications (section .gnu.version_r).
/// </summary>
internal static class SymbolVersions
{
    private const uint VersionNeeds = 0x6ffffffe;
    private const ushort Weak = 2;

    /// <summary>Marks every requirement of <paramref name="version"/> as weak, in place. Returns how many there were.</summary>
    /// <exception cref="InvalidDataException">The bytes are not ELF64, little endian.</exception>
    public static int MakeWeak(Span<byte> elf, string version)
    {
        if (elf.Length < 64 || !elf[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
            throw new InvalidDataException("not an ELF64 file, little endian");
        var wanted = Encoding.ASCII.GetBytes(version);
        var (sections, size, count) = (Long(elf, 0x28), Short(elf, 0x3A), Short(elf, 0x3C));
        var found = 0;
        for (var index = 0; index < count; index++)
        {
            var section = sections + index * size;
            if (Int(elf, section + 4) != VersionNeeds)
                continue;
            var strings = Long(elf, sections + (int)Int(elf, section + 0x28) * size + 0x18);
            found += Walk(elf, Long(elf, section + 0x18), (int)Int(elf, section + 0x2C), strings, wanted);
        }
        return found;
    }

    private static int Walk(Span<byte> elf, int need, int records, int strings, ReadOnlySpan<byte> wanted)
    {
        var found = 0;
        for (; records > 0; records--, need += (int)Int(elf, need + 12))
        {
            var version = need + (int)Int(elf, need + 8);
            for (var left = Short(elf, need + 2); left > 0; left--, version += (int)Int(elf, version + 12))
            {
                var name = elf[(strings + (int)Int(elf, version + 8))..];
                if (!name[..name.IndexOf((byte)0)].SequenceEqual(wanted))
                    continue;
                BinaryPrimitives.WriteUInt16LittleEndian(elf[(version + 4)..], Weak);
                found++;
            }
        }
        return found;
    }

    private static ushort Short(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadUInt16LittleEndian(elf[at..]);

    private static uint Int(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadUInt32LittleEndian(elf[at..]);

    private static int Long(ReadOnlySpan<byte> elf, int at) => checked((int)BinaryPrimitives.ReadUInt64LittleEndian(elf[at..]));
}
