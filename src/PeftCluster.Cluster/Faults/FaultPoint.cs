using System.Text.Json;

namespace PeftCluster.Cluster.Faults;

/// <summary>
/// The places at which a planted fault can strike a process. Names are written in fault files, so they are only ever added to. What
/// the number of a pass is stands with each: a fault may ask for one.
/// </summary>
public static class FaultPoint
{
    /// <summary>Of every state of a run a point: <c>run.computing</c>, as the run enters it. Number: the version in hand.</summary>
    public const string RunPrefix = "run.";

    /// <summary>Of every state of a job a point: <c>job.starting</c>, when it is stored. Number: the attempt.</summary>
    public const string JobPrefix = "job.";

    /// <summary>A node begins. Number: 0.</summary>
    public const string NodeStarting = "node.starting";

    /// <summary>A micro-batch's gradient is computed, and not kept yet. Number: the step.</summary>
    public const string LeafComputed = "worker.leaf_computed";

    /// <summary>A worker begins a batch of held-out rows. Number: its first row.</summary>
    public const string Evaluating = "worker.evaluating";

    /// <summary>A worker is about to write the adapter's files. Number: 0.</summary>
    public const string Exporting = "worker.exporting";

    /// <summary>A subtree's sum is about to be handed over. Number: the step.</summary>
    public const string BeforeSend = "worker.before_send";

    /// <summary>Half of a vector's bytes are on their way to the coordinator. Number: 0; of: <see cref="Socket"/> or <see cref="SharedMemory"/>.</summary>
    public const string WhileSending = "worker.while_sending";

    /// <summary>Half of a version's bytes are on their way to a worker. Number: 0; of: as for <see cref="WhileSending"/>.</summary>
    public const string WhileGiving = "coordinator.while_giving";

    /// <summary>Which way bytes go.</summary>
    public const string Socket = "socket", SharedMemory = "shared_memory";

    /// <summary>A sum is handed over, and the run does not know of it yet. Number: the step.</summary>
    public const string AfterSend = "worker.after_send";

    /// <summary>A worker fetches a version. Number: the version.</summary>
    public const string Fetch = "worker.fetch";

    /// <summary>The record of a step is on disk. Number: the step.</summary>
    public const string RecordWritten = "run.record_written";

    /// <summary>A snapshot is on disk. Number: its version.</summary>
    public const string SnapshotWritten = "run.snapshot_written";

    /// <summary>A message from a run to a worker, or back, between the two actors. Number: the step; of: the message's manifest name.</summary>
    public const string MessageToWorker = "message.to_worker", MessageToRun = "message.to_run";

    /// <summary>A message as bytes, on its way out of this process. Number: 0; of: its manifest.</summary>
    public const string MessageBytes = "message.bytes";

    /// <summary>Bytes are added to a file. Number: which time it is for that file; of: the file's name.</summary>
    public const string DiskAppend = "disk.append";

    /// <summary>A file is synced. Number and of: as for <see cref="DiskAppend"/>.</summary>
    public const string DiskSync = "disk.sync";

    /// <summary>A file is written as a whole. Number and of: as for <see cref="DiskAppend"/>.</summary>
    public const string DiskWrite = "disk.write";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        NodeStarting, LeafComputed, Evaluating, Exporting, BeforeSend, WhileSending, AfterSend, Fetch, WhileGiving,
        .. Enum.GetValues<Coordinator.RunPhase>().Select(phase => Of(phase)), RecordWritten, SnapshotWritten,
        .. Enum.GetValues<Jobs.Lifecycle.JobPhase>().Select(phase => Of(phase)),
        MessageToWorker, MessageToRun, MessageBytes, DiskAppend, DiskSync, DiskWrite,
    ];

    /// <summary>The point of a run's state.</summary>
    public static string Of(Coordinator.RunPhase phase) => RunPrefix + JsonNamingPolicy.SnakeCaseLower.ConvertName(phase.ToString());

    /// <summary>The point of a job's state.</summary>
    public static string Of(Jobs.Lifecycle.JobPhase phase) => JobPrefix + JsonNamingPolicy.SnakeCaseLower.ConvertName(phase.ToString());
}
