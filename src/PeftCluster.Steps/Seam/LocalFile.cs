namespace PeftCluster.Steps.Seam;

/// <summary>A file on this machine, and the content that it had when it was looked at.</summary>
/// <param name="File">Its content.</param>
/// <param name="Path">Where it lies here.</param>
public sealed record LocalFile(DataFile File, string Path)
{
    /// <summary>Gives a store those files that it lacks, one after another.</summary>
    /// <returns>How many were sent.</returns>
    /// <exception cref="IOException">A file cannot be read or kept, or has changed since it was looked at.</exception>
    public static async Task<int> PushAsync(IEnumerable<LocalFile> files, IContentStore store, CancellationToken cancellation)
    {
        var sent = 0;
        foreach (var (file, path) in files.DistinctBy(one => one.File.Sha256))
        {
            if (await store.HasAsync(file.Sha256, cancellation))
                continue;
            if (await store.PutAsync(path, cancellation) != file.Sha256)
                throw new IOException($"{path}: changed while the job was submitted. Submit it again.");
            sent++;
        }
        return sent;
    }
}
