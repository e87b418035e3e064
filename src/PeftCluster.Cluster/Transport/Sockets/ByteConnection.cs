using System.Net.Sockets;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// One connection at either end: frames and raw bytes, each piece under a deadline. Whatever goes wrong with the line or with what
/// comes over it is a <see cref="LostConnectionException"/>, after which the connection is of no use. Not for several threads at once.
/// </summary>
/// <param name="socket">What is below; closed with this.</param>
/// <param name="stream">The socket's stream, or TLS over it.</param>
/// <param name="peer">The other end, for messages.</param>
/// <param name="traffic">Counts what goes both ways; null where nobody asks.</param>
internal sealed class ByteConnection(Socket socket, Stream stream, string peer, Traffic? traffic = null) : IDisposable
{
    private readonly Frame _sent = new();
    private readonly Frame _received = new();
    private Stream _stream = stream;
    private int _wakeAt = 1;

    public string Peer => peer;

    /// <summary>
    /// Asks that whoever waits for bytes is woken when so many have come, or none will come any more. Never more than what is due: nothing else would wake it. Only where it
    /// does something: plain TCP on Linux.
    /// </summary>
    public void WakeAt(int bytes)
    {
        if (bytes != _wakeAt && _stream is NetworkStream && socket.AddressFamily != AddressFamily.Unix && SocketTuning.TryWakeAt(socket, bytes))
            _wakeAt = bytes;
    }

    /// <summary>Whether nothing has come and nothing has ended since the last answer: then another request may go out.</summary>
    public bool IsQuiet
    {
        get
        {
            try
            {
                return !socket.Poll(0, SelectMode.SelectRead);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <summary>From here on its bytes go another way; the socket stays, and with it the connection's end.</summary>
    public void GoOnOver(Func<Stream, Stream> way) => _stream = way(_stream);

    /// <summary>A frame to be filled and given to <see cref="SendAsync(Frame, ProgressWatch)"/>.</summary>
    public Frame Frame(FrameKind kind) => _sent.Begin(kind);

    public ValueTask SendAsync(Frame frame, ProgressWatch watch) => WriteAsync(frame.End(), watch);

    public ValueTask SendAsync(FrameKind kind, ProgressWatch watch) => SendAsync(Frame(kind), watch);

    /// <summary>Says no; a long reason is cut.</summary>
    public ValueTask RefuseAsync(Refusal refusal, string reason, ProgressWatch watch) =>
        SendAsync(Frame(FrameKind.Refused).Add((int)refusal).Add(reason.Length > 300 ? reason[..300] : reason), watch);

    /// <summary>The next frame; valid until the one after it.</summary>
    public async ValueTask<Frame> ReceiveAsync(ProgressWatch watch, int longest = Sockets.Frame.LongestFields)
    {
        await ReadAsync(_received.Header, watch);
        await ReadAsync(_received.Rest(longest), watch);
        _received.Check();
        return _received;
    }

    /// <summary>The next request, however long it takes to come, or null when the other end has closed.</summary>
    public async ValueTask<Frame?> ReceiveNextAsync(ProgressWatch watch)
    {
        watch.Rest();
        var read = await GuardedAsync(_stream.ReadAsync(_received.Header[..1], watch.Token), watch);
        if (read == 0)
            return null;
        await ReadAsync(_received.Header[1..], watch);
        await ReadAsync(_received.Rest(Sockets.Frame.LongestFields), watch);
        _received.Check();
        return _received;
    }

    /// <summary>The answer to a request.</summary>
    /// <exception cref="InvalidDataException">Refused: the data is wrong.</exception>
    /// <exception cref="IOException">Refused for another reason, or the connection is lost.</exception>
    public async ValueTask<Frame> AnswerAsync(ProgressWatch watch)
    {
        var answer = await ReceiveAsync(watch);
        if (answer.Kind != FrameKind.Refused)
            return answer;
        var (refusal, reason) = ((Refusal)answer.Int32(), answer.Text());
        throw refusal switch
        {
            Refusal.WrongData => new InvalidDataException(reason),
            Refusal.Forbidden => new LinkRefusedException(reason),
            _ => new IOException($"{peer}: {reason}"),
        };
    }

    /// <summary>Fills all of it.</summary>
    public async ValueTask ReadAsync(Memory<byte> into, ProgressWatch watch)
    {
        while (into.Length > 0)
            into = into[await ReadSomeAsync(into, watch)..];
    }

    /// <summary>Fills at least one byte of it.</summary>
    public async ValueTask<int> ReadSomeAsync(Memory<byte> into, ProgressWatch watch)
    {
        watch.Progress();
        var read = await GuardedAsync(_stream.ReadAsync(into, watch.Token), watch);
        traffic?.Add(read);
        return read > 0 ? read : throw new LostConnectionException("the other end closed the connection");
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, ProgressWatch watch)
    {
        watch.Progress();
        // Before they go: whoever has got them finds them counted.
        traffic?.Add(bytes.Length);
        try
        {
            await _stream.WriteAsync(bytes, watch.Token);
        }
        catch (Exception broken) when (IsLoss(broken, watch))
        {
            throw Lost(broken, watch);
        }
    }

    public void Dispose()
    {
        // The socket first: closing a TLS stream would otherwise wait for a peer that does not read.
        socket.Dispose();
        _stream.Dispose();
    }

    private static async ValueTask<int> GuardedAsync(ValueTask<int> reading, ProgressWatch watch)
    {
        try
        {
            return await reading;
        }
        catch (Exception broken) when (IsLoss(broken, watch))
        {
            throw Lost(broken, watch);
        }
    }

    private static bool IsLoss(Exception broken, ProgressWatch watch) =>
        broken is IOException or SocketException or ObjectDisposedException || (broken is OperationCanceledException && !watch.IsCancelled);

    private static LostConnectionException Lost(Exception broken, ProgressWatch watch) => broken switch
    {
        LostConnectionException lost => lost,
        OperationCanceledException => new LostConnectionException(watch.Expired, broken),
        _ => new LostConnectionException(broken.Message.TrimEnd('.'), broken),
    };
}
