using System.Collections.Concurrent;
using System.Security.Cryptography;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>A content store in memory that writes down what is asked of it, and does not check what it gives.</summary>
internal sealed class MemoryStore : IContentStore
{
    private readonly Dictionary<string, byte[]> _files = [];

    /// <summary>Hashes of files that were fetched, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Hashes of files that whoever fetches has said to have.</summary>
    public ConcurrentQueue<string> Noted { get; } = [];

    /// <summary>While it is there and not done, fetches wait.</summary>
    public TaskCompletionSource? Hold { get; set; }

    public void Put(string sha256, byte[] bytes) => _files[sha256] = bytes;

    public void Drop(string sha256) => _files.Remove(sha256);

    /// <summary>Flips a bit of a file, and answers what it was.</summary>
    public byte[] Bend(string sha256)
    {
        var sound = _files[sha256];
        var bent = sound.ToArray();
        bent[^1] ^= 1;
        _files[sha256] = bent;
        return sound;
    }

    public async Task FetchAsync(string sha256, string path, CancellationToken cancellation)
    {
        Asked.Enqueue(sha256);
        if (Hold is { } hold)
            await hold.Task.WaitAsync(cancellation);
        await File.WriteAllBytesAsync(path, _files.TryGetValue(sha256, out var bytes) ? bytes : throw new FileNotFoundException($"content {sha256} is not there"), cancellation);
    }

    public Task NoteAsync(string sha256, CancellationToken cancellation)
    {
        Noted.Enqueue(sha256);
        return Task.CompletedTask;
    }

    public Task<bool> HasAsync(string sha256, CancellationToken cancellation) => Task.FromResult(_files.ContainsKey(sha256));

    public async Task<string> PutAsync(string path, CancellationToken cancellation)
    {
        var bytes = await File.ReadAllBytesAsync(path, cancellation);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        _files[sha256] = bytes;
        return sha256;
    }
}
