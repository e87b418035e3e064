using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Seam;
using Serilog;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// Removes files of a coordinator's content folder that no job needs and nobody has asked for in a while. Asking for a file makes it young again
/// (<see cref="ContentFolder"/>), so one that a client has just found there is not removed before its job is taken.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="keep">How long a file stays that no job needs; <see cref="Timeout.InfiniteTimeSpan"/>: for ever.</param>
/// <param name="time">The clock that file times are compared with.</param>
/// <param name="log">Says what was removed.</param>
internal sealed class ContentSweep(ContentFolder folder, TimeSpan keep, TimeProvider time, ILogger log)
{
    private readonly Lock _one = new();

    /// <summary>Removes what is old, and what writers that died have left of it. A file that cannot be removed stays, and is tried again the next time.</summary>
    /// <param name="needed">SHA-256 of what jobs that are not at their end are made of.</param>
    /// <returns>How many files went.</returns>
    public int Remove(IReadOnlySet<string> needed)
    {
        if (keep == Timeout.InfiniteTimeSpan || !Directory.Exists(folder.Folder))
            return 0;
        var (files, bytes) = (0, 0L);
        lock (_one)
            foreach (var file in new DirectoryInfo(folder.Folder).EnumerateFiles().Where(file => IsOld(file) && IsOurs(file.Name) && !needed.Contains(file.Name)).ToArray())
                try
                {
                    var length = file.Length;
                    file.Delete();
                    (files, bytes) = (files + 1, bytes + length);
                }
                catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
                {
                    log.Warning("{File}: cannot be removed: {Reason}", file.FullName, refused.Message);
                }
        if (files > 0)
            log.Information("{Folder}: {Files} files of {Bytes} bytes are removed: no job needs them, and nobody has asked for them in {Days} days", folder.Folder, files, bytes, keep.TotalDays);
        return files;
    }

    private bool IsOld(FileInfo file) => time.GetUtcNow().UtcDateTime - file.LastWriteTimeUtc > keep;

    /// <summary>A file by its hash, or what was to become one.</summary>
    private static bool IsOurs(string name) => ContentName.IsHash(name) || (name.EndsWith(".tmp", StringComparison.Ordinal) && ContentName.IsHash(name.Split('.')[0]));
}
