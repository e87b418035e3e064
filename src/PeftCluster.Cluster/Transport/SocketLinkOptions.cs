using PeftCluster.Cluster.Faults;
using Serilog;

namespace PeftCluster.Cluster.Transport;

/// <summary>How a node connects to coordinators' endpoints.</summary>
public sealed record SocketLinkOptions
{
    /// <summary>The cluster's secret; empty for none (<see cref="ClusterSecret"/>).</summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>TLS over TCP; null for none.</summary>
    public ByteTls? Tls { get; init; }

    /// <summary>Whether an endpoint's Unix socket is used where this process can reach it.</summary>
    public bool UseUnixSockets { get; init; } = true;

    /// <summary>Whether bytes between processes of one host go through memory that both see, where they can, with the Unix socket for wake-ups.</summary>
    public bool UseSharedMemory { get; init; } = true;

    /// <summary>How long one attempt to connect may take, until this process is admitted.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a transfer may stand still.</summary>
    public TimeSpan ProgressTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>For how long a request that failed with its connection is tried again; then it fails. Longer than a coordinator takes to start again.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Before the second attempt; doubled each time.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(50);

    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>This node's own endpoint, where others fetch files that it has; null: it gives none away, and fetches from coordinators only.</summary>
    public string? Own { get; init; }

    /// <summary>How long another node may take until it is connected, or stand still, before a file is fetched elsewhere.</summary>
    public TimeSpan PeerPatience { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Bytes a second; another node that is slower is left.</summary>
    public long SlowestPeer { get; init; } = 4_000_000;

    /// <summary>Planted faults: they strike the bytes that go out.</summary>
    public IFaultPoints Faults { get; init; } = NoFaults.Instance;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = Serilog.Core.Logger.None;
}
