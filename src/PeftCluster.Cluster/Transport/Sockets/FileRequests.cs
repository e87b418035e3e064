namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>Answers requests for files at the endpoint, out of its <see cref="ContentFolder"/>.</summary>
internal sealed class FileRequests(ByteConnection connection, ByteEndpointOptions options)
{
    private readonly ContentFolder _content = options.Content;

    public async Task HasAsync(Frame request, ProgressWatch watch)
    {
        if (await NamedAsync(request.Text(), watch) is { } path)
            await connection.SendAsync(File.Exists(path) ? FrameKind.Done : FrameKind.Absent, watch);
    }

    public async Task GetAsync(Frame request, ProgressWatch watch)
    {
        if (await NamedAsync(request.Text(), watch) is not { } path)
            return;
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
        var (sha256, bytes) = (request.Text(), request.Int64());
        if (await NamedAsync(sha256, watch) is not { } path)
            return;
        if (bytes < 0 || bytes > options.MaxFileBytes)
        {
            await connection.RefuseAsync(Refusal.WrongData, $"content {sha256}: it has {bytes} bytes; at most {options.MaxFileBytes} are kept here", watch);
            return;
        }
        if (File.Exists(path))
        {
            await connection.SendAsync(FrameKind.Done, watch);
            return;
        }
        await connection.SendAsync(FrameKind.Go, watch);
        var coming = new RemainderStream(connection, bytes, watch);
        try
        {
            await _content.KeepAsync(coming, sha256, watch.Token);
        }
        catch (Exception broken) when (broken is InvalidDataException or UnauthorizedAccessException || (broken is IOException && broken is not LostConnectionException))
        {
            await coming.DrainAsync();
            await connection.RefuseAsync(broken is InvalidDataException ? Refusal.WrongData : Refusal.Storage, broken.Message, watch);
            return;
        }
        await connection.SendAsync(FrameKind.Done, watch);
    }

    /// <summary>Where the file lies or would lie; null when the name is no hash, and that has been said.</summary>
    private async Task<string?> NamedAsync(string sha256, ProgressWatch watch)
    {
        try
        {
            return _content.PathOf(sha256);
        }
        catch (InvalidDataException noHash)
        {
            await connection.RefuseAsync(Refusal.WrongData, noHash.Message, watch);
            return null;
        }
    }
}
