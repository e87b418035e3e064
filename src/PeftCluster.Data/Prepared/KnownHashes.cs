using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// SHA-256 of large files, computed once: <c>hashes/NAME</c> in the cache folder holds length, time of change and hash of the file whose path has the
/// hash NAME. A file that has another length or time is read again. Who changes a file and sets its time back deceives this, and himself.
/// </summary>
/// <param name="cacheFolder">For example <see cref="CacheFolder.Default"/>. Where it cannot be written, files are read each time.</param>
public sealed class KnownHashes(string cacheFolder)
{
    private readonly string _folder = Path.Combine(cacheFolder, "hashes");
    private long _read;

    /// <summary>Bytes that had to be read so far.</summary>
    public long BytesRead => Interlocked.Read(ref _read);

    /// <summary>The file's hash, 64 hex digits, and its length.</summary>
    /// <exception cref="IOException">It is not there, cannot be read, or changes meanwhile.</exception>
    public async Task<(string Sha256, long Bytes)> OfAsync(string path, CancellationToken cancellation)
    {
        // A model folder of the Hugging Face cache is full of links; what counts is the file behind.
        path = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        var before = StateOf(path);
        var note = Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path))));
        if (Read(note, before) is { } known)
            return (known, before.Bytes);
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan | FileOptions.Asynchronous);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
        if (StateOf(path) != before)
            throw new IOException($"{path}: changed while it was read. Start again when it is written.");
        Interlocked.Add(ref _read, before.Bytes);
        Write(note, before, sha256);
        return (sha256, before.Bytes);
    }

    private readonly record struct State(long Bytes, long Ticks);

    private static State StateOf(string path)
    {
        var file = new FileInfo(path);
        return new State(file.Length, file.LastWriteTimeUtc.Ticks);
    }

    private static string? Read(string note, State state)
    {
        try
        {
            var words = File.ReadAllText(note).Split(' ');
            return words is [var bytes, var ticks, var sha256] && ContentName.IsHash(sha256)
                && bytes == state.Bytes.ToString(CultureInfo.InvariantCulture) && ticks == state.Ticks.ToString(CultureInfo.InvariantCulture)
                ? sha256
                : null;
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Write(string note, State state, string sha256)
    {
        var temporary = $"{note}.{Environment.MachineName}-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}";
        try
        {
            Directory.CreateDirectory(_folder);
            File.WriteAllText(temporary, string.Create(CultureInfo.InvariantCulture, $"{state.Bytes} {state.Ticks} {sha256}"));
            File.Move(temporary, note, overwrite: true);
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            // Then it is computed again next time.
        }
    }
}
