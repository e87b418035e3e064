namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>The next so many bytes of a connection as a stream to read: a file on its way.</summary>
internal sealed class RemainderStream(ByteConnection connection, long length, ProgressWatch watch) : Stream
{
    private long _rest = length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest == 0 || buffer.Length == 0)
            return 0;
        var read = await connection.ReadSomeAsync(buffer[..(int)Math.Min(buffer.Length, _rest)], watch);
        _rest -= read;
        if (_rest == 0)
            watch.Rest(); // What follows is the disk's time, not the line's.
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Reads what is left and drops it, so that an answer can be given.</summary>
    public async Task DrainAsync()
    {
        var buffer = new byte[1 << 16];
        while (await ReadAsync(buffer) > 0)
            continue;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
