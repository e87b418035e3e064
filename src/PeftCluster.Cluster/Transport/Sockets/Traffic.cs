namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>Bytes that went over an endpoint's sockets, both ways.</summary>
internal sealed class Traffic
{
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    public void Add(int bytes) => Interlocked.Add(ref _bytes, bytes);
}
