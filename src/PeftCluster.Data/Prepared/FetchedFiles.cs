using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// Files of this machine that may have to be fetched first. What lies there counts only after its hash was computed here, once in the life of
/// the process; what is missing or damaged is fetched. Whoever asks for a file that another is fetching waits for that one, and tries
/// itself if that one is cancelled or fails. Nothing is ever deleted.
/// </summary>
public sealed class FetchedFiles : IContentShelf
{
    private static long _attempts;

    private readonly ConcurrentDictionary<string, Place> _places = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _sound = new(StringComparer.Ordinal);
    private long _fetched;

    /// <summary>Files that had to be fetched so far.</summary>
    public long Fetched => Interlocked.Read(ref _fetched);

    /// <summary>Only what was checked in the life of this process.</summary>
    public string? Find(string sha256) => _sound.TryGetValue(sha256, out var path) && File.Exists(path) ? path : null;

    /// <summary>Sees to it that the file lies at the path, whole.</summary>
    /// <param name="file">What it must be.</param>
    /// <param name="path">Where; its folder exists.</param>
    /// <param name="from">Who has it.</param>
    /// <param name="cancellation">Ends waiting and fetching.</param>
    /// <exception cref="IOException">It could not be fetched, or came with another content: one line that says which file, and why.</exception>
    public async Task BringAsync(DataFile file, string path, IContentSource from, CancellationToken cancellation)
    {
        var place = _places.GetOrAdd(path, _ => new Place());
        await place.Gate.WaitAsync(cancellation);
        try
        {
            if (place.IsSound && File.Exists(path))
                return;
            if (!await IsAsync(file, path, cancellation))
                await FetchAsync(file, path, from, cancellation);
            place.IsSound = true;
            _sound[file.Sha256] = path;
        }
        finally
        {
            place.Gate.Release();
        }
        await from.NoteAsync(file.Sha256, cancellation);
    }

    /// <summary>Whether the file lies at the path with the right length and hash.</summary>
    private static async Task<bool> IsAsync(DataFile file, string path, CancellationToken cancellation)
    {
        if (!File.Exists(path) || new FileInfo(path).Length != file.Bytes)
            return false;
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation)) == file.Sha256;
    }

    private async Task FetchAsync(DataFile file, string path, IContentSource from, CancellationToken cancellation)
    {
        // Beside its place, so that the rename stays on one disk.
        var temporary = $"{path}.{Environment.MachineName}-{Environment.ProcessId}-{Interlocked.Increment(ref _attempts)}.fetched";
        try
        {
            await from.FetchAsync(file.Sha256, temporary, cancellation);
            if (!await IsAsync(file, temporary, cancellation))
                throw new InvalidDataException("what came has another length or another hash");
            File.Move(temporary, path, overwrite: true);
            Interlocked.Increment(ref _fetched);
        }
        catch (Exception failed) when (failed is IOException or InvalidDataException or UnauthorizedAccessException or TimeoutException)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture,
                $"{file.Name} ({file.Bytes:N0} bytes, sha256 {file.Sha256}) could not be fetched from the run's store: {failed.Message.ReplaceLineEndings(" ")}"), failed);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private sealed class Place
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public bool IsSound { get; set; }
    }
}
