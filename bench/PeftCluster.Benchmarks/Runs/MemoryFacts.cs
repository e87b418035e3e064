using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace PeftCluster.Benchmarks.Runs;

/// <summary>
/// Where this process's resident memory lies, from inside: what the collector says of its heap, and the pages of /proc/self/smaps by what they are mapped for.
/// Figures are in MB (10⁶ bytes).
/// </summary>
internal static partial class MemoryFacts
{
    /// <summary>The word that asks a node of a benchmark for them.</summary>
    public const string Question = "memory";

    /// <summary>One line for people.</summary>
    public static string Line()
    {
        var heap = GC.GetGCMemoryInfo(GCKind.Any);
        var generations = string.Join(" + ", heap.GenerationInfo.ToArray().Select(one => Mb(one.SizeAfterBytes)));
        var pages = Pages().GroupBy(page => page.Kind, page => page.Bytes, (kind, bytes) => (Kind: kind, Bytes: bytes.Sum())).OrderByDescending(group => group.Bytes).ToArray();
        return $"heap committed {Mb(heap.TotalCommittedBytes)}, generations 0, 1, 2, large, pinned {generations}, fragmented {Mb(heap.FragmentedBytes)}, "
            + string.Create(CultureInfo.InvariantCulture, $"collections {GC.CollectionCount(0)}, {GC.CollectionCount(1)}, {GC.CollectionCount(2)}, ")
            + $"allocated {Mb(GC.GetTotalAllocatedBytes())}; resident {Mb(pages.Sum(page => page.Bytes))}: "
            + string.Join(", ", pages.Where(page => page.Bytes > 500_000).Select(page => $"{page.Kind} {Mb(page.Bytes)}"));
    }

    private static IEnumerable<(string Kind, long Bytes)> Pages()
    {
        var kind = "";
        foreach (var line in File.ReadLines("/proc/self/smaps"))
            if (Mapping().Match(line) is { Success: true } mapping)
                kind = KindOf(mapping.Groups["path"].Value, long.Parse(mapping.Groups["from"].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            else if (line.StartsWith("Rss:", StringComparison.Ordinal))
                yield return (kind, 1_024 * long.Parse(line.AsSpan(4, line.Length - 6), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture));
    }

    private static string KindOf(string path, long from) => path switch
    {
        "" => IsCollected(from) ? "collector's heap" : "other memory",
        ['[', ..] => path,
        _ when path.Contains("/memfd:", StringComparison.Ordinal) => "compiled code",
        _ when path.StartsWith("/dev/shm", StringComparison.Ordinal) => "shared rings",
        _ when path.EndsWith(".dll", StringComparison.Ordinal) => "assemblies",
        _ when path.Contains(".so", StringComparison.Ordinal) => "libraries",
        _ => Path.GetFileName(path),
    };

    /// <summary>The collector reserves 256 GB in one piece; its oldest object lies near its beginning.</summary>
    private static bool IsCollected(long from)
    {
        var first = new object();
        var here = (long)Unsafe.As<object, nint>(ref first);
        return from > here - (1L << 32) && from < here + (1L << 38);
    }

    private static string Mb(long bytes) => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture);

    [GeneratedRegex("^(?<from>[0-9a-f]+)-[0-9a-f]+ \\S+ \\S+ \\S+ \\S+\\s*(?<path>.*)$")]
    private static partial Regex Mapping();
}
