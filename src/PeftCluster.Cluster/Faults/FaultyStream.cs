using PeftCluster.Cluster.Transport.Sockets.Shared;

namespace PeftCluster.Cluster.Faults;

/// <summary>
/// The bytes of one end of a connection, on whichever way they go: a socket or shared memory. A long write is a vector or a file: half of it goes out before
/// the point is passed, so a process that is killed there leaves a torn vector at the other end.
/// </summary>
/// <param name="inner">The connection.</param>
/// <param name="faults">What strikes.</param>
/// <param name="point">Where: <see cref="FaultPoint.WhileSending"/> or <see cref="FaultPoint.WhileGiving"/>.</param>
internal sealed class FaultyStream(Stream inner, IFaultPoints faults, string point) : Stream
{
    /// <summary>Requests are shorter, the made-up arithmetic's vectors longer.</summary>
    private const int LongWrite = 512;

    private readonly string _way = inner is SharedStream ? FaultPoint.SharedMemory : FaultPoint.Socket;

    /// <summary>The stream as it is where nothing is planted.</summary>
    public static Stream Over(Stream stream, IFaultPoints faults, string point) => faults.IsPlanted ? new FaultyStream(stream, faults, point) : stream;

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
        foreach (var fault in faults.Pass(point, of: _way))
        {
            switch (fault.Action)
            {
                case FaultAction.Truncate: throw new IOException("planted: the connection ends here");
                case FaultAction.BadChecksum: rest = Flipped(rest); break;
                case FaultAction.Hold: await faults.HoldAsync(fault, cancellationToken); break;
                case FaultAction.Delay: await Task.Delay(faults.Draw((int)fault.Amount + 1), cancellationToken); break;
            }
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
        // A whole number, wherever it begins: a last bit could be lost in rounding, and damage that nobody notices would pass for damage that was found.
        for (var index = 0; index < sizeof(float); index++)
            copy[index] ^= 0x40;
        return copy;
    }
}
