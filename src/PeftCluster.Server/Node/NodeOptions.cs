using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Data.Prepared;
using Serilog;

namespace PeftCluster.Server.Node;

/// <summary>What an embedded node is started with.</summary>
public sealed record NodeOptions
{
    /// <summary>How many workers, or null: what the job says.</summary>
    public int? Workers { get; init; }

    /// <summary>Where the cluster's log goes.</summary>
    public ILogger Logger { get; init; } = Serilog.Core.Logger.None;

    /// <summary>Where prepared data is kept, and models are found by name.</summary>
    public NodeFolders Folders { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Hears how far the preparation of the data is; null: nobody asks.</summary>
    public IProgress<PreparationProgress>? Preparing { get; init; }

    /// <summary>Starts the cluster; tests put their own in its place.</summary>
    internal Func<NodeOptions, CancellationToken, Task<ITrainingCluster>> StartCluster { get; init; } =
        async (options, cancellation) => await EmbeddedCluster.StartAsync(new EmbeddedOptions { Logger = options.Logger, Time = options.Time }, cancellation);
}

/// <summary>How one run is submitted.</summary>
/// <param name="Resume">Go on with the run that lies in the folder.</param>
/// <param name="Disturbance">What is disturbed on purpose, or null.</param>
public sealed record SubmitOptions(bool Resume = false, Disturbance? Disturbance = null);
