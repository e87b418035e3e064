using System.Buffers.Binary;
using System.IO.Hashing;

namespace PeftCluster.Steps.Plan;

/// <summary>Which rows a step learnt from, in 16 bytes: what a commit record says of its samples.</summary>
public static class PlanHash
{
    /// <summary>
    /// XxHash128 over 32-bit little-endian numbers: for each micro-batch, in the order of the shards, its shard, padded
    /// length, number of rows, and the rows; behind packed ones the padded row and the start of each.
    /// </summary>
    public static UInt128 Of(StepPlan plan)
    {
        var hash = new XxHash128();
        foreach (var batch in plan.MicroBatches)
        {
            Append(hash, batch.Shard);
            Append(hash, batch.PaddedLength);
            Append(hash, batch.Rows.Count);
            foreach (var row in batch.Rows)
                Append(hash, row);
            foreach (var place in batch.Packing ?? [])
            {
                Append(hash, place.Row);
                Append(hash, place.Start);
            }
        }
        return hash.GetCurrentHashAsUInt128();
    }

    private static void Append(XxHash128 hash, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        hash.Append(bytes);
    }
}
