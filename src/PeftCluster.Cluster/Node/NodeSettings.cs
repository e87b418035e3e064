using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Queue;
using PeftCluster.Cluster.Transport;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Node;

/// <summary>What a node of a cluster is started with.</summary>
public sealed record NodeSettings
{
    /// <summary>Its actor system.</summary>
    public required SystemSettings System { get; init; }

    /// <summary>The product's version: nodes of one cluster have the same.</summary>
    public required string Build { get; init; }

    /// <summary>Its devices, by themselves: <c>cpu:0</c>. The node disposes them when it ends.</summary>
    public IReadOnlyList<IStepSourceFactory> Devices { get; init; } = [];

    /// <summary>Threads that each worker computes with.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>What it needs to coordinate; null when it does not.</summary>
    public CoordinatorSettings? Coordinator { get; init; }

    /// <summary>Files that its devices have fetched and other nodes may fetch from it; null: it gives none away.</summary>
    public IContentShelf? Shelf { get; init; }

    /// <summary>The port where they are fetched; 0: any that is free.</summary>
    public int ShelfPort { get; init; }

    /// <summary>The cluster's secret; empty without one.</summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    /// <summary>Certificates of the byte channel; null without TLS.</summary>
    public ByteTls? Tls { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Vectors and files go over TCP also to nodes of the same host.</summary>
    public bool OverTcp { get; init; }

    /// <summary>How long a worker stays in a cluster without a coordinator while another cluster has one where it was told to join.</summary>
    public TimeSpan WithoutCoordinator { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Planted faults.</summary>
    public IFaultPoints Faults { get; init; } = NoFaults.Instance;

    /// <summary>Where lines for whoever runs the node go.</summary>
    public Action<string> Tell { get; init; } = _ => { };
}

/// <summary>What a coordinator is started with.</summary>
public sealed record CoordinatorSettings
{
    /// <summary>Its folder: jobs, journals, files. One coordinator at a time holds it.</summary>
    public required string StateFolder { get; init; }

    /// <summary>Knows the rows of the jobs' data.</summary>
    public required IRowCatalog Catalog { get; init; }

    /// <summary>The port for vectors and files; 0: any that is free.</summary>
    public int BytesPort { get; init; }

    /// <summary>
    /// PostgreSQL for job events; null: SQLite in the folder. Coordinators with the same one share the folder too; one leads, the others stand by.
    /// </summary>
    public string? Database { get; init; }

    /// <summary>How fast one that stands by takes the place of one that is silent.</summary>
    public LeaseTimes Lease { get; init; } = LeaseTimes.Usual;

    public Deadlines Deadlines { get; init; } = Deadlines.OfCluster;

    public IRunFiles Files { get; init; } = new DiskFiles();
}
