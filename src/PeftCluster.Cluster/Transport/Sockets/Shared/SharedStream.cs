namespace PeftCluster.Cluster.Transport.Sockets.Shared;

/// <summary>
/// A connection whose bytes go through memory that both processes see. The socket below carries wake-ups only, one byte each, and its end is the
/// connection's end: a process that dies takes its sockets with it, so nobody waits for a dead one. Not for several threads at once, like the connection.
/// </summary>
/// <param name="memory">Whose rings; closed with this.</param>
/// <param name="incoming">What the other end writes.</param>
/// <param name="outgoing">What this end writes.</param>
/// <param name="bell">The socket's stream; closed with this.</param>
internal sealed class SharedStream(SharedMemory memory, SharedRing incoming, SharedRing outgoing, Stream bell) : Stream
{
    // The reader is woken after this many bytes and copies them out while the next ones are copied in.
    private const int PieceBytes = 1 << 17;

    private static readonly byte[] _wake = [1];

    private readonly byte[] _woken = new byte[1];

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var read = incoming.Read(buffer.Span);
            if (read > 0 || buffer.IsEmpty)
            {
                if (incoming.MustWakeWriter())
                    await bell.WriteAsync(_wake, cancellationToken);
                return read;
            }
            // The other end may have written and gone.
            if (incoming.ReaderSleeps() && !await WokenAsync(cancellationToken))
                return incoming.Read(buffer.Span);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            var written = outgoing.Write(buffer.Span[..Math.Min(PieceBytes, buffer.Length)]);
            buffer = buffer[written..];
            if (written > 0)
            {
                if (outgoing.MustWakeReader())
                    await bell.WriteAsync(_wake, cancellationToken);
            }
            else if (outgoing.WriterSleeps() && !await WokenAsync(cancellationToken))
                throw new IOException("the other end closed the connection");
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            bell.Dispose();
            memory.Dispose();
        }
        base.Dispose(disposing);
    }

    private async ValueTask<bool> WokenAsync(CancellationToken cancellationToken) => await bell.ReadAsync(_woken, cancellationToken) > 0;
}
