using System.Security.Cryptography;
using PeftCluster.Data.Formats.Containers;
using PeftCluster.Jobs;
using DataFile = PeftCluster.Data.Formats.DataFile;

namespace PeftCluster.Data.Prepared;

/// <summary>A data file as it was when the preparation began.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Sha256">The hash of its bytes, 64 hex digits.</param>
/// <param name="Written">When it was written last.</param>
internal sealed record HashedFile(string Path, string Sha256, DateTime Written)
{
    /// <summary>What the file is read as; the same bytes are other rows in another container.</summary>
    public string Container => FileEnding.Of(Path) is var (container, packing) && packing == Packing.None ? container.Name : $"{container.Name} {packing}";

    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static HashedFile Of(string path)
    {
        using var stream = DataFile.Open(path);
        try
        {
            var written = File.GetLastWriteTimeUtc(path);
            return new HashedFile(path, Convert.ToHexStringLower(SHA256.HashData(stream)), written);
        }
        catch (IOException unreadable)
        {
            throw DataFile.Unreadable(path, unreadable);
        }
    }

    /// <summary>Holds what was read against it.</summary>
    /// <param name="read">The hash of what was read; null where that was not read from front to end: then the time decides.</param>
    /// <exception cref="BadInputException">The file changed meanwhile.</exception>
    public void CheckUnchanged(string? read)
    {
        if (read is null ? File.GetLastWriteTimeUtc(Path) != Written : read != Sha256)
            throw new BadInputException($"{Path}: changed while it was read. Start again when it is written.");
    }
}
