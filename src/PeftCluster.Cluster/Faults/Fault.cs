namespace PeftCluster.Cluster.Faults;

/// <summary>One planted fault: what happens, where, and at which of the passes.</summary>
/// <param name="Point">Where: one of <see cref="FaultPoint"/>.</param>
/// <param name="Action">What.</param>
/// <param name="At">The pass's number, or null: any.</param>
/// <param name="Of">How the name of the file or message begins; empty: any.</param>
/// <param name="Skip">So many fitting passes go by first.</param>
/// <param name="Times">How often it strikes; 0: every time.</param>
/// <param name="Chance">How likely each strike is, drawn from the plan's seed.</param>
/// <param name="Amount">How much: the factor of <c>slow</c>, milliseconds of <c>delay</c> and <c>pace</c>, seconds that <c>hold</c> lasts at most.</param>
public sealed record Fault(
    string Point, FaultAction Action, int? At = null, string Of = "", int Skip = 0, int Times = 1, double Chance = 1, double Amount = 10)
{
    /// <summary>No fault by itself: it says how a node runs, and is no strike.</summary>
    public bool IsSetting => Action is FaultAction.Pace or FaultAction.OverTcp;

    public override string ToString() => $"{Point} {System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(Action.ToString())}";
}

/// <summary>What a planted fault does. Where one makes no sense, it does nothing, and the row that planted it fails.</summary>
public enum FaultAction
{
    /// <summary>SIGKILL to this process.</summary>
    Kill,

    /// <summary>SIGSTOP to this process; somebody else continues it.</summary>
    Stop,

    /// <summary>Nothing but the line in the log: whoever planted it acts.</summary>
    Note,

    /// <summary>Waits until whoever planted it says go on.</summary>
    Hold,

    /// <summary>A computation takes so many milliseconds at least. No fault by itself: it gives the made-up arithmetic the time of a real step.</summary>
    Pace,

    /// <summary>A computation takes so many times as long.</summary>
    Slow,

    /// <summary>A message is not delivered, or a sum not handed over.</summary>
    Drop,

    /// <summary>It is delivered twice.</summary>
    Duplicate,

    /// <summary>It is delivered late; of a vector on its way, its second half.</summary>
    Delay,

    /// <summary>It is delivered after later ones.</summary>
    Reorder,

    /// <summary>Half of its bytes are delivered; a connection ends there.</summary>
    Truncate,

    /// <summary>A gradient has a NaN.</summary>
    Nan,

    /// <summary>A gradient is finite and wrong.</summary>
    WrongGradient,

    /// <summary>A sum is handed over without its last number.</summary>
    WrongLength,

    /// <summary>A bit of a vector is flipped on its way.</summary>
    BadChecksum,

    /// <summary>A bit of a file is flipped as it is written.</summary>
    Flip,

    /// <summary>Half of the bytes are written, then the disk is full.</summary>
    DiskFull,

    /// <summary>The bytes are written, and syncing them fails.</summary>
    FsyncFails,

    /// <summary>Half of the bytes are written, then SIGKILL to this process.</summary>
    Tear,

    /// <summary>A node says that it is of another build.</summary>
    OtherBuild,

    /// <summary>A node's vectors and files go over TCP, also where both ends share a host. No fault by itself: it says what the others strike.</summary>
    OverTcp,
}
