using System.Security.Cryptography;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Simulation.Tests;

/// <summary>Files by their content, without a disk: thousands of runs export an adapter each.</summary>
internal sealed class MemoryContent : IContentStore
{
    private readonly Dictionary<string, byte[]> _files = [];

    public Task<bool> HasAsync(string sha256, CancellationToken cancellation) => Task.FromResult(_files.ContainsKey(sha256));

    public Task FetchAsync(string sha256, string path, CancellationToken cancellation) => File.WriteAllBytesAsync(path, _files[sha256], cancellation);

    public Task<string> PutAsync(string path, CancellationToken cancellation)
    {
        var bytes = File.ReadAllBytes(path);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        _files[sha256] = bytes;
        return Task.FromResult(sha256);
    }
}
