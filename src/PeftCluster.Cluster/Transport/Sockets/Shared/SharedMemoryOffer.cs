namespace PeftCluster.Cluster.Transport.Sockets.Shared;

/// <summary>How the two ends of a connection over a Unix socket come to share memory: the client asks once, and where either of them cannot, the socket goes on as it is.</summary>
internal static class SharedMemoryOffer
{
    /// <summary>The client's side, right after it was admitted.</summary>
    public static async Task MakeAsync(ByteConnection connection, ProgressWatch watch)
    {
        if (SharedMemory.Create() is not { } memory)
            return;
        var shared = false;
        try
        {
            await connection.SendAsync(connection.Frame(FrameKind.Share).Add(memory.Name), watch);
            var answer = await connection.AnswerAsync(watch);
            shared = answer.Kind == FrameKind.Done;
            if (shared)
                connection.GoOnOver(socket => new SharedStream(memory, memory.Answers, memory.Requests, socket));
        }
        finally
        {
            memory.Unlink();
            if (!shared)
                memory.Dispose();
        }
    }

    /// <summary>The endpoint's side.</summary>
    public static async Task TakeAsync(ByteConnection connection, Frame request, ProgressWatch watch)
    {
        if (SharedMemory.Open(request.Text()) is not { } memory)
        {
            await connection.SendAsync(FrameKind.Absent, watch);
            return;
        }
        await connection.SendAsync(FrameKind.Done, watch);
        connection.GoOnOver(socket => new SharedStream(memory, memory.Requests, memory.Answers, socket));
    }
}
