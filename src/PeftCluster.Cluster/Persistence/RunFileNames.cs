using System.Globalization;

namespace PeftCluster.Cluster.Persistence;

/// <summary>The names of a run's files, which carry numbers.</summary>
internal static class RunFileNames
{
    public static string Journal(int attempt) => string.Create(CultureInfo.InvariantCulture, $"journal-{attempt:D6}.bin");

    public static string Gradients(int attempt, int step) => string.Create(CultureInfo.InvariantCulture, $"gradients-{attempt:D6}-{step:D8}.bin");

    public static string Snapshot(int version) => string.Create(CultureInfo.InvariantCulture, $"snapshot-{version:D8}.safetensors");

    public static IEnumerable<int> JournalAttempts(IEnumerable<string> names) => Numbers(names, "journal-", ".bin").Select(numbers => numbers[0]);

    public static IEnumerable<int> SnapshotVersions(IEnumerable<string> names) => Numbers(names, "snapshot-", ".safetensors").Select(numbers => numbers[0]);

    /// <summary>In the order in which they were begun.</summary>
    public static IReadOnlyList<(string Name, int Attempt, int Step)> GradientFiles(IEnumerable<string> names) =>
        [.. Numbers(names, "gradients-", ".bin").Where(numbers => numbers.Length == 2)
            .Select(numbers => (Gradients(numbers[0], numbers[1]), numbers[0], numbers[1])).Order()];

    private static IEnumerable<int[]> Numbers(IEnumerable<string> names, string before, string after)
    {
        foreach (var name in names.Where(name => name.StartsWith(before, StringComparison.Ordinal) && name.EndsWith(after, StringComparison.Ordinal)))
        {
            var numbers = name[before.Length..^after.Length].Split('-')
                .Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToArray();
            if (!numbers.Contains(-1))
                yield return numbers;
        }
    }
}
