using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Node;
using Serilog;

namespace PeftCluster.Server.Node;

/// <summary>What <c>peft node</c> was told, read and checked.</summary>
public sealed record NodeProcessSettings
{
    /// <summary>What the node is for: <see cref="NodeRoles"/>.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    public required HostPort Listen { get; init; }

    /// <summary>What others call it, where that is another place than <see cref="Listen"/>; a port of 0 is the listened one.</summary>
    public HostPort? Advertise { get; init; }

    /// <summary>Nodes of the cluster to join.</summary>
    public IReadOnlyList<string> Joins { get; init; } = [];

    /// <summary>The port for vectors and files, or at a worker for files that others fetch from it; 0: any.</summary>
    public int BytesPort { get; init; }

    /// <summary>The coordinator's folder; also where the log lies.</summary>
    public required string StateFolder { get; init; }

    /// <summary>PostgreSQL for job events, or null.</summary>
    public string? Database { get; init; }

    /// <summary>The worker's devices: auto, cpu or cuda:N.</summary>
    public string Device { get; init; } = "auto";

    public int Workers { get; init; } = 1;

    /// <summary>Threads of each worker.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>A folder of base models, or null.</summary>
    public string? Models { get; init; }

    /// <summary>Folders whose plugins it may run.</summary>
    public IReadOnlyList<string> Plugins { get; init; } = [];

    /// <summary>Whether the made-up arithmetic stands in for libtorch.</summary>
    public bool IsArithmetic { get; init; }

    public string? SecretFile { get; init; }

    /// <summary>The folder of certificates, or null: no TLS.</summary>
    public string? CertificateFolder { get; init; }

    /// <summary>Whether it may listen for other machines without TLS.</summary>
    public bool IsInsecure { get; init; }

    public required string Build { get; init; }

    /// <summary>The user's own HOCON.</summary>
    public string Own { get; init; } = "";

    /// <summary>The file that its log goes to.</summary>
    public required string Log { get; init; }

    public ILogger Logger { get; init; } = Serilog.Core.Logger.None;

    /// <summary>Planted faults.</summary>
    public IFaultPoints Faults { get; init; } = NoFaults.Instance;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where lines for whoever runs the node go.</summary>
    public Action<string> Tell { get; init; } = _ => { };
}
