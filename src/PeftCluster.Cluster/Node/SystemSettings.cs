using Akka.Actor.Setup;
using Serilog;

namespace PeftCluster.Cluster.Node;

/// <summary>What a node's actor system is started with.</summary>
public sealed record SystemSettings
{
    /// <summary>The name of every system of every cluster: Akka refuses peers with another.</summary>
    public const string Name = "peft";

    /// <summary>What the node is for: <see cref="NodeRoles"/>.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The address that it listens on.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>0: any that is free.</summary>
    public int Port { get; init; }

    /// <summary>What others call its host, where that is another name than <see cref="Host"/> (a container, 0.0.0.0).</summary>
    public string? PublicHost { get; init; }

    /// <summary>The port that others use, where that is another one.</summary>
    public int? PublicPort { get; init; }

    /// <summary>Where a cluster is joined, <c>host:port</c>; none: the node begins one.</summary>
    public IReadOnlyList<string> Seeds { get; init; } = [];

    /// <summary>How long it may take to become a member.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Files of cluster-config by name, the later over the earlier; <c>common</c> lies under all.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>A user's own HOCON, over everything.</summary>
    public string Own { get; init; } = "";

    /// <summary>Where a coordinator keeps its jobs; null for a node that keeps none.</summary>
    public Persistence.JobDatabase? Database { get; init; }

    /// <summary>Setups by code: certificates.</summary>
    public IReadOnlyList<Setup> Setups { get; init; } = [];

    /// <summary>Where Akka's log goes.</summary>
    public ILogger Logger { get; init; } = Serilog.Core.Logger.None;
}

/// <summary>What a node can be for.</summary>
public static class NodeRoles
{
    /// <summary>Owns jobs, adapters and journals.</summary>
    public const string Coordinator = "coordinator";

    /// <summary>Owns devices.</summary>
    public const string Worker = "worker";

    /// <summary>Submits and watches.</summary>
    public const string Client = "client";
}
