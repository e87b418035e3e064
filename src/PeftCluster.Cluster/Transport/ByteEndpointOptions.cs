using PeftCluster.Cluster.Faults;
using PeftCluster.Steps.Seam;
using Serilog;

namespace PeftCluster.Cluster.Transport;

/// <summary>What an endpoint for vectors and files is started with.</summary>
public sealed record ByteEndpointOptions
{
    /// <summary>The address to listen at; <c>0.0.0.0</c> for all of this host.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port; 0 for any that is free.</summary>
    public int Port { get; init; }

    /// <summary>The address that others are told; null for <see cref="Host"/>, or for the host's name where that one stands for all addresses.</summary>
    public string? PublicHost { get; init; }

    /// <summary>Where a Unix socket for processes of this host is made; null for none. The path must be short.</summary>
    public string? UnixSocketFolder { get; init; }

    /// <summary>Where a coordinator keeps files.</summary>
    public ContentFolder? Content { get; init; }

    /// <summary>Where a node has files that others may fetch, and nothing else is answered there; null at a coordinator.</summary>
    public IContentShelf? Shelf { get; init; }

    /// <summary>The cluster's secret; empty for none (<see cref="ClusterSecret"/>).</summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>TLS over TCP; null for none.</summary>
    public ByteTls? Tls { get; init; }

    /// <summary>How long a connection may take until it is admitted.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a transfer may stand still.</summary>
    public TimeSpan ProgressTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Connections at a time; more are closed at once.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Floats of a vector; longer ones are refused.</summary>
    public int MaxVectorFloats { get; init; } = 1 << 29;

    /// <summary>Bytes of a file; larger ones are refused.</summary>
    public long MaxFileBytes { get; init; } = 1L << 38;

    /// <summary>Planted faults: they strike the bytes that go out.</summary>
    public IFaultPoints Faults { get; init; } = NoFaults.Instance;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = Serilog.Core.Logger.None;
}
