using System.Buffers.Binary;
using System.IO.Hashing;

namespace PeftCluster.Data.Formats;

/// <summary>
/// Which rows of the training files are held out (data.eval_fraction): those whose content and seed hash to a number below the fraction. A row's side
/// depends on no other row, so equal rows are on one side and added rows move none.
/// </summary>
/// <param name="Fraction">The share that is held out, above 0 and below 1.</param>
/// <param name="Seed">Another seed holds out other rows.</param>
/// <param name="HeldOut">The side: true for the rows that are held out, false for those that are learnt from.</param>
internal sealed record HeldOutSplit(double Fraction, long Seed, bool HeldOut)
{
    /// <summary>Whether a row is on this side.</summary>
    /// <param name="content">From <see cref="RowContent"/>.</param>
    public bool Takes(UInt128 content)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, content);
        // 53 bits make a number in [0, 1) without rounding.
        var place = (XxHash3.HashToUInt64(bytes, Seed) >> 11) * (1.0 / (1UL << 53));
        return place < Fraction == HeldOut;
    }
}
