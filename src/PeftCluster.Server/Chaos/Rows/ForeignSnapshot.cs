using PeftCluster.Cluster.Persistence;
using PeftCluster.Steps.Journal;

namespace PeftCluster.Server.Chaos.Rows;

/// <summary>A good snapshot, put into a run's folder, that belongs to another job.</summary>
internal static class ForeignSnapshot
{
    /// <summary>The newest snapshot, under the next version's name and with another job's digest; its own hashes hold.</summary>
    public static void PutInto(string folder)
    {
        var newest = Directory.EnumerateFiles(folder, "snapshot-*.safetensors").Order(StringComparer.Ordinal).Last();
        using var stream = File.OpenRead(newest);
        var snapshot = SnapshotCodec.Read(stream, newest);
        var foreign = snapshot with { JobDigest = new string('0', snapshot.JobDigest.Length) };
        new DiskFiles().Write(newest.Replace($"{snapshot.Version:D8}", $"{snapshot.Version + 1:D8}", StringComparison.Ordinal), target => SnapshotCodec.Write(target, foreign));
    }
}
