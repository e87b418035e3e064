using System.Buffers.Binary;
using System.IO.Hashing;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// What stands behind a vector on the wire. Behind a leaf it is its <see cref="LeafHash"/>, which its sender has told of it and its receiver compares;
/// behind sums and versions XxHash3, which takes half as long.
/// </summary>
/// <param name="ofLeaf">Which.</param>
internal sealed class VectorChecksum(bool ofLeaf)
{
    private readonly NonCryptographicHashAlgorithm _hash = ofLeaf ? new XxHash128() : new XxHash3();

    /// <summary>The bytes that have come so far, as they stand on the wire.</summary>
    public byte[] Value => _hash.GetCurrentHash();

    /// <summary>Of a leaf: its hash.</summary>
    public UInt128? LeafHash => _hash is XxHash128 leaf ? leaf.GetCurrentHashAsUInt128() : null;

    /// <summary>A leaf's hash that is known already.</summary>
    public static byte[] Of(UInt128 leafHash)
    {
        var value = new byte[Length(ofLeaf: true)];
        BinaryPrimitives.WriteUInt128BigEndian(value, leafHash);
        return value;
    }

    public static int Length(bool ofLeaf) => ofLeaf ? 16 : 8;

    public void Append(ReadOnlySpan<byte> bytes) => _hash.Append(bytes);
}
