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

    public Task FetchAsync(string sha256, string path, CancellationToken cancellation) => link.AskAsync(async (connection, watch) =>
    {
        await connection.SendAsync(connection.Frame(FrameKind.Get).Add(sha256), watch);
        var answer = await connection.AnswerAsync(watch);
        if (answer.Kind == FrameKind.Absent)
            throw new FileNotFoundException($"content {sha256} is not at {connection.Peer}");
        var bytes = answer.Kind == FrameKind.File ? answer.Int64() : -1;
        if (bytes < 0)
            throw new LostConnectionException($"{answer.Kind} came where a file is due");
        await ContentFolder.WriteAsync(new RemainderStream(connection, bytes, watch), path + ".tmp", path, sha256, watch.Token);
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
