using PeftCluster.Cluster.Faults;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Server.Chaos;

/// <summary>
/// One fault, where it strikes, and what must hold afterwards. Plain data, so that a file can say it too; what needs more than
/// data has a <see cref="Script"/>.
/// </summary>
/// <param name="Fault">The row's name: what happens, in a few words.</param>
public sealed record ChaosRow(string Fault)
{
    /// <summary>
    /// What is planted, by process: <c>coordinator</c>, <c>worker1</c>…, <c>workers</c> for all of them; <c>coordinator#2</c> is the coordinator once it has been
    /// started again.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Fault>> Plant { get; init; } = new Dictionary<string, IReadOnlyList<Fault>>();

    /// <summary>What whoever planted it does when it has struck.</summary>
    public ChaosReaction Reaction { get; init; } = ChaosReaction.None;

    /// <summary>How long a frozen process or a cut line stays so.</summary>
    public double Seconds { get; init; } = 10;

    /// <summary>Which end the run must come to: all steps done means with the undisturbed run's hash.</summary>
    public EndReason Ends { get; init; } = EndReason.AllStepsDone;

    /// <summary>What a warning, the end's reason or a node's line must say; empty: nothing. <c>{worker1}</c> stands for that worker's name.</summary>
    public string Says { get; init; } = "";

    /// <summary>Nobody's work may be taken from him.</summary>
    public bool NobodyIsMoved { get; init; }

    /// <summary>How many workers the job waits for, where that is not all of them.</summary>
    public int? Needs { get; init; }

    /// <summary>Milliseconds that a micro-batch takes at least, where that is not the matrix's own number.</summary>
    public double? Pace { get; init; }

    /// <summary>The job names data that is not there.</summary>
    public bool HasOtherData { get; init; }

    /// <summary>The job names a base model by content that no node has.</summary>
    public bool HasOtherBase { get; init; }

    /// <summary>Steps between measurements during training, the best version being the result; null: measured before and after only.</summary>
    public int? Measures { get; init; }

    /// <summary>Each node needs a network of its own.</summary>
    public bool HasNetwork { get; init; }

    /// <summary>A second coordinator stands by, over one PostgreSQL database.</summary>
    public bool HasStandby { get; init; }

    /// <summary>A coordinator that has ended is not started again: its machine is gone.</summary>
    public bool StaysAway { get; init; }

    /// <summary>Whose line is cut: the number of a worker, or 0 for the coordinator.</summary>
    public int Struck { get; init; } = 1;

    /// <summary>The command line of the node that <see cref="ChaosReaction.StartTwin"/> starts.</summary>
    public Func<ChaosWorld, IReadOnlyList<string>>? Twin { get; init; }

    /// <summary>The share of leaves that are computed twice.</summary>
    public double AuditFraction { get; init; }

    /// <summary>How many worker processes. Two suffice to move work; a third decides who lies.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Changes the coordinator's run folder before the coordinator is started again.</summary>
    public Action<string>? BeforeRestart { get; init; }

    /// <summary>All of it, where data does not say enough.</summary>
    public Func<ChaosRow, ChaosWorld, ChaosSettings, CancellationToken, Task<ChaosResult>>? Script { get; init; }

    /// <summary>After so long the row has failed.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>Its faults strike bytes in shared memory.</summary>
    internal bool StrikesSharedMemory => Plant.Values.Any(faults => faults.Any(fault => fault.Of == FaultPoint.SharedMemory));

    /// <summary>Where it strikes, for people.</summary>
    public string Strikes { get; init; } = "";

    /// <summary>The points at which its faults strike.</summary>
    public string Point => Strikes.Length > 0 ? Strikes : string.Join(", ", Plant.Values.SelectMany(faults => faults).Where(fault => !fault.IsSetting).Select(fault => fault.Point).Distinct());
}

/// <summary>What whoever planted a fault does when it has struck.</summary>
public enum ChaosReaction
{
    /// <summary>Nothing, beyond what a supervisor does: a coordinator that has ended and a node that was expelled are started again.</summary>
    None,

    /// <summary>Continues a frozen process after <see cref="ChaosRow.Seconds"/>.</summary>
    Continue,

    /// <summary>Starts one more worker, waits until the cluster has it, and lets those who hold go on.</summary>
    Join,

    /// <summary>Ends worker1 politely (SIGTERM), and lets those who hold go on.</summary>
    Leave,

    /// <summary>Pauses the run, and resumes it when it stands still.</summary>
    Pause,

    /// <summary>Cancels the run.</summary>
    Cancel,

    /// <summary>Starts a node that must be refused, and waits until it has ended.</summary>
    StartTwin,

    /// <summary>Cuts the line of <see cref="ChaosRow.Struck"/> in both directions for <see cref="ChaosRow.Seconds"/>.</summary>
    Partition,

    /// <summary>What <see cref="ChaosRow.Struck"/> says is not heard for <see cref="ChaosRow.Seconds"/>; it hears everything.</summary>
    OneWayLoss,
}

/// <summary>What became of a row.</summary>
/// <param name="Fault">The row's name.</param>
/// <param name="Fired">Whether every fault of it has struck. A row whose fault never struck has shown nothing.</param>
/// <param name="Held">Whether what must hold held.</param>
/// <param name="RecoveryMs">From the strike to the next committed step, as the client sees it; null where no step follows.</param>
/// <param name="Note">How it ended, or what went wrong.</param>
public sealed record ChaosResult(string Fault, bool Fired, bool Held, double? RecoveryMs, string Note)
{
    /// <summary>Where it strikes.</summary>
    public string Point { get; init; } = "";

    /// <summary>This machine cannot run it.</summary>
    public bool Unavailable { get; init; }

    /// <summary>Whether the row proves what it says.</summary>
    public bool Passed => Fired && Held;
}
