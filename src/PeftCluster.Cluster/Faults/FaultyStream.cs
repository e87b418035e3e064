namespace PeftCluster.Cluster.Faults;

/// <summary>
/// The bytes of a connection to a coordinator's endpoint. A long write is a vector or a file: half of it goes out before
/// <see cref="FaultPoint.WhileSending"/> is passed, so a process that is killed there leaves a torn vector at the other end.
/// </summary>
/// <param name="inner">The connection.</param>
/// <param name="faults">What strikes.</param>
internal sealed class FaultyStream(Stream inner, IFaultPoints faults) : Stream
{
    /// <summary>Requests are shorter, the made-up arithmetic's vectors longer.</summary>
    private const int LongWrite = 512;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length < LongWrite)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            return;
        }
        var half = buffer.Length / 2;
        await inner.WriteAsync(buffer[..half], cancellationToken);
        var rest = buffer[half..];
        foreach (var fault in faults.Pass(FaultPoint.WhileSending))
        {
            if (fault.Action == FaultAction.Truncate)
                throw new IOException("planted: the connection ends here");
            if (fault.Action == FaultAction.BadChecksum)
                rest = Flipped(rest);
        }
        await inner.WriteAsync(rest, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private static ReadOnlyMemory<byte> Flipped(ReadOnlyMemory<byte> bytes)
    {
        var copy = bytes.ToArray();
        copy[0] ^= 1;
        return copy;
    }
}
