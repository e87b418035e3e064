using System.Security.Cryptography;
using System.Text;

namespace PeftCluster.Steps.Journal;

/// <summary>
/// The hash chain of a run: each link is SHA-256(previous ‖ record), so that the last one vouches for every record
/// before it. Hashes are written as 64 lower-case hex digits.
/// </summary>
public static class JournalChain
{
    /// <summary>The link before step 0: SHA-256 of "peftcluster journal 1", the job's digest and version 0's hash, a line each.</summary>
    /// <param name="jobDigest">What tells one job from another.</param>
    /// <param name="versionZero">The hash of version 0 of the adapter (<see cref="Reduction.LeafHash"/>).</param>
    public static string Start(string jobDigest, UInt128 versionZero) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"peftcluster journal 1\n{jobDigest}\n{versionZero:x32}\n")));

    /// <summary>The link after a record.</summary>
    /// <param name="previous">The link before it.</param>
    /// <param name="record">The record's bytes (<see cref="CommitRecordCodec"/>).</param>
    public static string Next(string previous, ReadOnlySpan<byte> record)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Convert.FromHexString(previous));
        hash.AppendData(record);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
