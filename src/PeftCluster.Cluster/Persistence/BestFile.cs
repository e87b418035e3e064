using System.Globalization;
using System.Security.Cryptography;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs;
using PeftCluster.Steps.Journal;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// The best version so far as a file: a snapshot of what is exported and nothing beside it, since nobody trains on from it. Only the newest one is kept. It is
/// written before the decision that names its hash; so a file without a decision may lie there, never a decision without a file.
/// </summary>
/// <param name="files">The disk.</param>
/// <param name="folder">The run's folder.</param>
internal sealed class BestFile(IRunFiles files, string folder)
{
    private const string Before = "best-", After = ".safetensors";

    /// <summary>Writes the file and drops the older ones. Answers its name and SHA-256.</summary>
    public (string Name, string Sha256) Write(Snapshot snapshot)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Before}{snapshot.Version:D8}{After}");
        files.Write(In(name), stream => SnapshotCodec.Write(stream, snapshot));
        foreach (var old in Names().Where(old => old != name).ToArray())
            files.Delete(In(old));
        return (name, HashOf(name));
    }

    /// <summary>The adapter's vector of a decided best version; null where the file is gone or not the one that was decided on.</summary>
    public ReadOnlyMemory<float>? Read(BestVersion best)
    {
        if (!IsWhole(best))
            return null;
        using var stream = files.Read(In(best.File));
        return SnapshotCodec.Read(stream, best.File).Adapter;
    }

    /// <summary>Whether the file is there, with the bits that were decided on.</summary>
    public bool IsWhole(BestVersion best) => Names().Contains(best.File) && HashOf(best.File) == best.Sha256;

    /// <summary>Whether a whole file of this version or a later one is there: the decision that names it was lost, and will be taken again.</summary>
    public bool HasSince(int version, string jobDigest) => Names().Any(name => IsSince(name, version, jobDigest));

    private bool IsSince(string name, int version, string jobDigest)
    {
        try
        {
            using var stream = files.Read(In(name));
            var snapshot = SnapshotCodec.Read(stream, name);
            return snapshot.Version >= version && snapshot.JobDigest == jobDigest;
        }
        catch (Exception damaged) when (damaged is BadInputException or IOException or InvalidDataException)
        {
            return false;
        }
    }

    private IEnumerable<string> Names() => files.Names(folder)
        .Where(name => name.StartsWith(Before, StringComparison.Ordinal) && name.EndsWith(After, StringComparison.Ordinal));

    private string HashOf(string name)
    {
        using var stream = files.Read(In(name));
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private string In(string name) => Path.Combine(folder, name);
}
