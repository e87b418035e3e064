using System.Security.Cryptography;
using System.Text;
using PeftCluster.Jobs.Spec.Keys;
using PeftCluster.Jobs.Spec.Yaml;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// What makes two jobs the same one: every key that may change what is learnt or measured. Left out are those marked
/// <see cref="OutsideResultAttribute"/>: name, output, journal, workers, logging and saving. Files count by their path
/// here; their content has hashes of its own, in the prepared data and the base.
/// </summary>
public static class JobDigest
{
    /// <summary>SHA-256, as 64 lower-case hexadecimal digits, over a line KEY=VALUE (JSON) for each key, in the order of the file.</summary>
    public static string Of(JobSpec job)
    {
        var lines = string.Concat(Keys(job).Select(key => $"{key.Name}={key.Value}\n"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)));
    }

    /// <summary>The keys in which two jobs differ; empty if and only if their digests are equal.</summary>
    public static IReadOnlyList<JobDifference> Differences(JobSpec first, JobSpec second)
    {
        var left = Keys(first).ToDictionary();
        var right = Keys(second).ToDictionary();
        // A key that says nothing new is left out of the digest, and still has a value to name.
        var (allLeft, allRight) = (All(first).ToDictionary(), All(second).ToDictionary());
        return [.. left.Keys.Union(right.Keys)
            .Where(key => left.GetValueOrDefault(key) != right.GetValueOrDefault(key))
            .Select(key => new JobDifference(key, allLeft.GetValueOrDefault(key), allRight.GetValueOrDefault(key)))
            // A section is in the digest as a whole once one of its keys says something.
            .Where(difference => difference.First != difference.Second)];
    }

    private static IEnumerable<(string Name, string Value)> Keys(JobSpec job) =>
        Below("", JobKeys.Root.Write(job, (key, record) => !key.OutsideResult && !key.SaysNothingNew(record)));

    private static IEnumerable<(string Name, string Value)> All(JobSpec job) => Below("", JobKeys.Root.Write(job, (key, _) => !key.OutsideResult));

    private static IEnumerable<(string Name, string Value)> Below(string name, YamlNode node) => node is MapNode map
        ? map.Entries.SelectMany(entry => Below(SectionType.Join(name, entry.Key), entry.Value))
        : [(name, YamlJson.Of(node)?.ToJsonString() ?? "null")];
}

/// <summary>A key with unlike values.</summary>
/// <param name="Key">The full name: <c>training.seed</c>.</param>
/// <param name="First">Its value in the first job, as JSON; null where that job's method has no such key.</param>
/// <param name="Second">Its value in the second job.</param>
public sealed record JobDifference(string Key, string? First, string? Second)
{
    public override string ToString() => $"{Key} ({First ?? "not there"} and {Second ?? "not there"})";
}
