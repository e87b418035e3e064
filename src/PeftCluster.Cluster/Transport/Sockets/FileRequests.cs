using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>Answers requests for files at the endpoint, out of its folder or its shelf.</summary>
internal sealed class FileRequests(ByteConnection connection, ByteEndpointOptions options)
{
    private readonly IContentShelf _shelf = options.Shelf ?? options.Content ?? throw new InvalidOperationException("an endpoint without files");

    public async Task HasAsync(Frame request, ProgressWatch watch)
    {
        if (await NamedAsync(request.Text(), watch) is { } sha256)
            await connection.SendAsync(_shelf.Find(sha256) is null ? FrameKind.Absent : FrameKind.Done, watch);
    }

    public async Task GetAsync(Frame request, ProgressWatch watch)
    {
        if (await NamedAsync(request.Text(), watch) is not { } sha256)
            return;
        if (_shelf.Find(sha256) is not { } path)
        {
            await connection.SendAsync(FrameKind.Absent, watch);
            return;
        }
        FileStream file;
        try
        {
            file = File.OpenRead(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            await connection.SendAsync(FrameKind.Absent, watch);
            return;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            await connection.RefuseAsync(Refusal.Storage, broken.Message, watch);
            return;
        }
        await using (file)
            await FileTransfer.SendAsync(connection, FrameKind.File, file, watch);
    }

    public async Task PutAsync(Frame request, ProgressWatch watch)
    {
        var (named, bytes) = (request.Text(), request.Int64());
        if (await NamedAsync(named, watch) is not { } sha256)
            return;
        if (bytes < 0 || bytes > options.MaxFileBytes)
        {
            await connection.RefuseAsync(Refusal.WrongData, $"content {sha256}: it has {bytes} bytes; at most {options.MaxFileBytes} are kept here", watch);
            return;
        }
        if (_shelf.Find(sha256) is not null)
        {
            await connection.SendAsync(FrameKind.Done, watch);
            return;
        }
        await connection.SendAsync(FrameKind.Go, watch);
        var coming = new RemainderStream(connection, bytes, watch);
        try
        {
            await options.Content!.KeepAsync(coming, sha256, watch.Token);
        }
        catch (Exception broken) when (broken is InvalidDataException or UnauthorizedAccessException || (broken is IOException && broken is not LostConnectionException))
        {
            await coming.DrainAsync();
            await connection.RefuseAsync(broken is InvalidDataException ? Refusal.WrongData : Refusal.Storage, broken.Message, watch);
            return;
        }
        await connection.SendAsync(FrameKind.Done, watch);
    }

    /// <summary>The name; null when it is no hash, and that has been said.</summary>
    private async Task<string?> NamedAsync(string sha256, ProgressWatch watch)
    {
        if (ContentName.IsHash(sha256))
            return sha256;
        await connection.RefuseAsync(Refusal.WrongData, "a file is named by something that is no hash", watch);
        return null;
    }
}
