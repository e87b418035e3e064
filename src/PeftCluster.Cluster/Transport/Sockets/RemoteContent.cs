using System.Security.Cryptography;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>Files to and from an endpoint, by their content.</summary>
internal sealed class RemoteContent(RemoteLink link) : IContentStore
{
    public Task<bool> HasAsync(string sha256, CancellationToken cancellation) => link.AskAsync(async (connection, watch) =>
    {
        await connection.SendAsync(connection.Frame(FrameKind.Has).Add(sha256), watch);
        return (await connection.AnswerAsync(watch)).Kind == FrameKind.Done;
    }, cancellation);

    /// <summary>The addresses of nodes that have said that they have a file, besides this one.</summary>
    public Task<IReadOnlyList<string>> WhereAsync(string sha256, string self, CancellationToken cancellation) => link.AskAsync<IReadOnlyList<string>>(async (connection, watch) =>
    {
        await connection.SendAsync(connection.Frame(FrameKind.Where).Add(sha256).Add(self), watch);
        var answer = await connection.AnswerAsync(watch);
        var count = answer.Kind == FrameKind.Nodes ? answer.Int32() : -1;
        if (count is < 0 or > ContentHolders.OfOne)
            throw new LostConnectionException($"{answer.Kind} came where the addresses of nodes are due");
        var nodes = new string[count];
        for (var number = 0; number < count; number++)
            nodes[number] = answer.Text();
        return nodes;
    }, cancellation);

    /// <summary>Says that a node has a file.</summary>
    public Task HoldAsync(string sha256, string self, CancellationToken cancellation) => link.AskAsync(async (connection, watch) =>
    {
        await connection.SendAsync(connection.Frame(FrameKind.Hold).Add(sha256).Add(self), watch);
        return await connection.AnswerAsync(watch);
    }, cancellation);

    public Task FetchAsync(string sha256, string path, CancellationToken cancellation) => FetchAsync(sha256, path, null, cancellation);

    /// <summary>The same from somebody who may be left for another one.</summary>
    /// <param name="sha256">Names the file.</param>
    /// <param name="path">Where it is brought to.</param>
    /// <param name="pace">How long a file of so many bytes may take; null: as long as something moves.</param>
    /// <param name="cancellation">Ends it between chunks.</param>
    /// <exception cref="IOException">It took longer.</exception>
    public Task FetchAsync(string sha256, string path, Func<long, TimeSpan>? pace, CancellationToken cancellation) => link.AskAsync(async (connection, watch) =>
    {
        await connection.SendAsync(connection.Frame(FrameKind.Get).Add(sha256), watch);
        var answer = await connection.AnswerAsync(watch);
        if (answer.Kind == FrameKind.Absent)
            throw new FileNotFoundException($"content {sha256} is not at {connection.Peer}");
        var bytes = answer.Kind == FrameKind.File ? answer.Int64() : -1;
        if (bytes < 0)
            throw new LostConnectionException($"{answer.Kind} came where a file is due");
        using var limit = new CancellationTokenSource(pace?.Invoke(bytes) ?? Timeout.InfiniteTimeSpan, link.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(watch.Token, limit.Token);
        try
        {
            await ContentFolder.WriteAsync(new RemainderStream(connection, bytes, watch), path + ".tmp", path, sha256, either.Token);
        }
        catch (OperationCanceledException) when (!watch.IsCancelled)
        {
            throw new LostConnectionException(limit.IsCancellationRequested ? $"{bytes} bytes come too slowly" : watch.Expired);
        }
        return true;
    }, cancellation);

    public async Task<string> PutAsync(string path, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(path);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
        var bytes = file.Length;
        return await link.AskAsync(async (connection, watch) =>
        {
            file.Position = 0;
            await connection.SendAsync(connection.Frame(FrameKind.Put).Add(sha256).Add(bytes), watch);
            if ((await connection.AnswerAsync(watch)).Kind == FrameKind.Done)
                return sha256;
            await FileTransfer.SendBytesAsync(connection, file, bytes, watch);
            var answer = await connection.AnswerAsync(watch);
            return answer.Kind == FrameKind.Done ? sha256 : throw new LostConnectionException($"{answer.Kind} came where a file's receipt is due");
        }, cancellation);
    }
}
