using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace PeftCluster.Steps.Reduction;

/// <summary>
/// The hash by which two computations of one leaf or node are compared: XxHash128 of the vector's little-endian bytes,
/// padding included. It finds faults, not forgers.
/// </summary>
public static class LeafHash
{
    public static UInt128 Of(ReadOnlySpan<float> vector) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(vector));
}
