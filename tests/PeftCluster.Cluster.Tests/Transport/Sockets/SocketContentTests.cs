using System.Security.Cryptography;
using PeftCluster.Cluster.Transport;

namespace PeftCluster.Cluster.Tests.Transport.Sockets;

public sealed class SocketContentTests
{
    private static readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    [Theory, InlineData(SocketPair.Tcp), InlineData(SocketPair.Unix), InlineData(SocketPair.Shared)]
    public async Task A_file_goes_and_comes_by_its_content(string kind)
    {
        await using var pair = await SocketPair.StartAsync(kind);
        foreach (var bytes in new[] { 0, 1, 262_144, 3_000_001 })
        {
            var path = Written(pair, Bytes(bytes));
            var sha256 = await pair.Link.Content.PutAsync(path, _cancellation);
            Assert.True(await pair.Link.Content.HasAsync(sha256, _cancellation));
            Assert.True(await pair.Endpoint.Content.HasAsync(sha256, _cancellation));
            Assert.Equal(sha256, await pair.Link.Content.PutAsync(path, _cancellation));
            var fetched = Path.Combine(pair.Folder, "fetched");
            await pair.Link.Content.FetchAsync(sha256, fetched, _cancellation);
            Assert.Equal(Bytes(bytes), await File.ReadAllBytesAsync(fetched, _cancellation));
        }
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_and_a_name_that_is_no_hash_is_refused()
    {
        await using var pair = await SocketPair.StartAsync();
        var name = new string('0', 64);
        Assert.False(await pair.Link.Content.HasAsync(name, _cancellation));
        await Assert.ThrowsAsync<FileNotFoundException>(() => pair.Link.Content.FetchAsync(name, Path.Combine(pair.Folder, "x"), _cancellation));
        await Assert.ThrowsAsync<InvalidDataException>(() => pair.Link.Content.HasAsync("../../etc/passwd", _cancellation));
        await Assert.ThrowsAsync<InvalidDataException>(() => pair.Link.Content.FetchAsync("../x", Path.Combine(pair.Folder, "x"), _cancellation));
    }

    [Fact]
    public async Task A_file_that_was_changed_at_the_endpoint_is_found_out_and_leaves_nothing_behind()
    {
        await using var pair = await SocketPair.StartAsync();
        var sha256 = await pair.Link.Content.PutAsync(Written(pair, Bytes(1_000_000)), _cancellation);
        var kept = ((ContentFolder)pair.Endpoint.Content).PathOf(sha256);
        await File.WriteAllBytesAsync(kept, [.. Bytes(1_000_000).Select((b, at) => at == 700_000 ? (byte)(b ^ 1) : b)], _cancellation);
        var into = Path.Combine(pair.Folder, "into");
        await Assert.ThrowsAsync<InvalidDataException>(() => pair.Link.Content.FetchAsync(sha256, into, _cancellation));
        Assert.Empty(Directory.EnumerateFiles(pair.Folder, "into*"));
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_says_so_and_the_connection_goes_on()
    {
        await using var pair = await SocketPair.StartAsync();
        // A file where the folder should be.
        await File.WriteAllTextAsync(Path.Combine(pair.Folder, "content"), "", _cancellation);
        var path = Written(pair, Bytes(900_000));
        await Assert.ThrowsAsync<IOException>(() => pair.Link.Content.PutAsync(path, _cancellation));
        File.Delete(Path.Combine(pair.Folder, "content"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Bytes(900_000))), await pair.Link.Content.PutAsync(path, _cancellation));
    }

    [Fact]
    public async Task A_file_above_the_limit_is_refused_before_it_is_sent()
    {
        await using var pair = await SocketPair.StartAsync(endpoint: options => options with { MaxFileBytes = 99 });
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => pair.Link.Content.PutAsync(Written(pair, Bytes(100)), _cancellation));
        Assert.Contains("it has 100 bytes; at most 99 are kept here", refused.Message, StringComparison.Ordinal);
    }

    private static string Written(SocketPair pair, byte[] bytes)
    {
        var path = Path.Combine(pair.Folder, "file");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(at => (byte)(at * 7 + at / 251))];
}
