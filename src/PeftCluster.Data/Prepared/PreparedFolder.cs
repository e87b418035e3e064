using PeftCluster.Steps.Seam;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// Where prepared data lies within a cache folder, under which names, and how a file gets there: written under a temporary name,
/// renamed when it is whole. Temporary names say whose they are (<see cref="TemporaryFiles"/>), so several processes may write at once, and what
/// a killed one has left is removed by the next.
/// </summary>
internal sealed class PreparedFolder
{
    private readonly string _shards;
    private readonly string _temporary;

    /// <exception cref="IOException">The folders cannot be made.</exception>
    public PreparedFolder(string cacheFolder)
    {
        Root = Path.Combine(cacheFolder, "prepared");
        (_shards, _temporary) = (Path.Combine(Root, "shards"), Path.Combine(Root, "temporary"));
        Directory.CreateDirectory(_shards);
        Directory.CreateDirectory(_temporary);
        TemporaryFiles.RemoveOld(_temporary);
    }

    public string Root { get; }

    /// <summary>Where a shard lies, or would lie.</summary>
    /// <exception cref="InvalidDataException">The name is no hash.</exception>
    public string ShardOf(string sha256) => PathOf(sha256, ".rows");

    /// <summary>Where a set's index lies, or would lie.</summary>
    /// <exception cref="InvalidDataException">The name is no hash.</exception>
    public string IndexOf(string sha256) => PathOf(sha256, ".index");

    /// <summary>A name that nobody has.</summary>
    public string Temporary() => Path.Combine(_temporary, TemporaryFiles.NewName());

    /// <summary>Lets a whole file be written under a temporary name, and renames it to what the writer answers.</summary>
    public string WriteWhole(Func<string, string> write)
    {
        var path = Temporary();
        try
        {
            var target = write(path);
            File.Move(path, target, overwrite: true);
            return target;
        }
        finally
        {
            File.Delete(path);
        }
    }

    // The name becomes a path: only what a hash looks like may.
    private string PathOf(string sha256, string ending) => ContentName.IsHash(sha256)
        ? Path.Combine(_shards, sha256 + ending)
        : throw new InvalidDataException("a file of prepared data is named by something that is no hash");
}
