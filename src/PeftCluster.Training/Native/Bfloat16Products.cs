using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace PeftCluster.Training.Native;

/// <summary>
/// Whether this processor multiplies bfloat16 itself (AVX512_BF16), about twice as fast as float32. Elsewhere libtorch emulates it or takes a plain loop, so
/// there a base in bfloat16 is widened where it is used.
/// </summary>
internal static class Bfloat16Products
{
    private const int FeaturesLeaf = 7, Bit = 1 << 5;

    public static bool AreFast { get; } = Ask();

    private static bool Ask() => X86Base.IsSupported && Avx512F.IsSupported && RuntimeInformation.ProcessArchitecture == Architecture.X64
        && X86Base.CpuId(0, 0).Eax >= FeaturesLeaf
        && X86Base.CpuId(FeaturesLeaf, 0).Eax >= 1
        && (X86Base.CpuId(FeaturesLeaf, 1).Eax & Bit) != 0;
}
