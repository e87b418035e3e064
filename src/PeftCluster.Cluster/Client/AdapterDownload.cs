using PeftCluster.Cluster.Coordinator;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Client;

/// <summary>Brings an adapter's files from the coordinator's store into a folder here. The folder is there as a whole or not at all.</summary>
public static class AdapterDownload
{
    /// <summary>Fetches the files that a run ended with.</summary>
    /// <param name="ended">The run's end.</param>
    /// <param name="content">The coordinator's store.</param>
    /// <param name="folder">The folder for the adapter; one that is there is replaced.</param>
    /// <param name="cancellation">Ends it between chunks.</param>
    /// <exception cref="IOException">A file is not there, or the folder cannot be written.</exception>
    /// <exception cref="InvalidDataException">A file has another hash, or a name that is no file name.</exception>
    public static async Task FetchAsync(RunEnded ended, IContentSource content, string folder, CancellationToken cancellation)
    {
        var files = new Persistence.DiskFiles();
        files.MakeFolder(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        var temporary = folder + ".tmp";
        files.MakeEmptyFolder(temporary);
        foreach (var file in ended.AdapterFiles)
        {
            if (!ContentName.IsFileName(file.Name))
                throw new InvalidDataException($"the adapter has a file \"{file.Name}\", which is no file name");
            await content.FetchAsync(file.Sha256, Path.Combine(temporary, file.Name), cancellation);
        }
        files.ReplaceFolder(folder, temporary);
    }
}
