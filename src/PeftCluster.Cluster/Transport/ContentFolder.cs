using System.Security.Cryptography;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Transport;

/// <summary>
/// A folder of files named by their SHA-256. A file is written under another name and renamed when its hash is right, so what lies there is
/// whole; several processes may put the same file at once. The folder is made when the first file comes.
/// </summary>
/// <param name="folder">Where they lie.</param>
/// <param name="time">Asked when a file is wanted: its time of change says when that last was. Null: the system's clock.</param>
public sealed class ContentFolder(string folder, TimeProvider? time = null) : IContentStore, IContentShelf
{
    private int _temporary;

    public string Folder => folder;

    /// <summary>Where a file lies, or would lie.</summary>
    /// <exception cref="InvalidDataException">The name is no SHA-256: it becomes a path, so only what a hash looks like may.</exception>
    public string PathOf(string sha256) => ContentName.IsHash(sha256)
        ? Path.Combine(folder, sha256)
        : throw new InvalidDataException("a file is named by something that is no hash");

    public string? Find(string sha256) => PathOf(sha256) is var path && File.Exists(path) && Touch(path) ? path : null;

    public Task<bool> HasAsync(string sha256, CancellationToken cancellation) => Task.FromResult(Find(sha256) is not null);

    public async Task FetchAsync(string sha256, string path, CancellationToken cancellation)
    {
        var kept = PathOf(sha256);
        if (!File.Exists(kept))
            throw new FileNotFoundException($"content {sha256} is not there", kept);
        await using var from = File.OpenRead(kept);
        await WriteAsync(from, path + ".tmp", path, sha256, cancellation);
    }

    public async Task<string> PutAsync(string path, CancellationToken cancellation)
    {
        await using var from = File.OpenRead(path);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(from, cancellation));
        if (Find(sha256) is not null)
            return sha256;
        from.Position = 0;
        await KeepAsync(from, sha256, cancellation);
        return sha256;
    }

    /// <summary>Keeps what a stream holds under its name.</summary>
    /// <exception cref="InvalidDataException">It has another hash.</exception>
    public async Task KeepAsync(Stream content, string sha256, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $"{sha256}.{Environment.ProcessId}-{Interlocked.Increment(ref _temporary)}.tmp");
        await WriteAsync(content, temporary, PathOf(sha256), sha256, cancellation);
        Touch(PathOf(sha256));
    }

    /// <summary>Somebody wants the file. False: it has just gone.</summary>
    private bool Touch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, (time ?? TimeProvider.System).GetUtcNow().UtcDateTime);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return true; // A folder that cannot be written cannot be swept either.
        }
    }

    internal static async Task WriteAsync(Stream content, string temporary, string path, string sha256, CancellationToken cancellation)
    {
        try
        {
            await using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                var buffer = new byte[1 << 17];
                for (var read = await content.ReadAsync(buffer, cancellation); read > 0; read = await content.ReadAsync(buffer, cancellation))
                {
                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
                }
                if (Convert.ToHexStringLower(hash.GetHashAndReset()) != sha256)
                    throw new InvalidDataException($"content {sha256}: what came has another hash");
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
