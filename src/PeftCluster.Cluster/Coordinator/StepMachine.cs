using System.Collections.Immutable;
using System.Diagnostics;
using PeftCluster.Cluster.Coordinator.Phases;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// One attempt of a run as a pure machine: what has happened is an input, what shall be done is an effect, and all in between is this
/// immutable state. No clock, no randomness, no I/O, no vectors. docs/protocol.md says it in prose; each phase's rules
/// are in <c>Phases/</c>, and what they count with (<see cref="Roster"/>, <see cref="LeafBoard"/>, <see cref="EvaluationBoard"/>,
/// <see cref="Lateness"/>, <see cref="Placement.ShardPlacement"/>) is pure as well.
/// </summary>
public sealed record StepMachine
{
    /// <summary>A run that has not begun.</summary>
    /// <param name="settings">What it knows of its job.</param>
    /// <param name="workers">The workers that it may use.</param>
    /// <param name="now">The time.</param>
    public static StepMachine Of(RunSettings settings, IEnumerable<string> workers, DateTimeOffset now) =>
        new() { Settings = settings, Roster = Roster.Of(workers, now), PhaseSince = now };

    private StepMachine()
    {
    }

    public required RunSettings Settings { get; init; }

    public required Roster Roster { get; init; }

    public RunPhase Phase { get; init; } = RunPhase.Gathering;

    /// <summary>When the phase began.</summary>
    public required DateTimeOffset PhaseSince { get; init; }

    /// <summary>What the first ready worker has, and every other must have.</summary>
    public (string LayoutHash, string NumericClass)? Kind { get; init; }

    /// <summary>The version in hand, which is the number of committed steps; null before there is one.</summary>
    public int? Version { get; init; }

    /// <summary>The newest step whose record is on disk; −1 for none.</summary>
    public int KeptRecord { get; init; } = -1;

    /// <summary>Whether any snapshot is on disk.</summary>
    public bool HasSnapshot { get; init; }

    /// <summary>The newest snapshot that was asked for, and the newest that is on disk, in this attempt.</summary>
    public (int? Asked, int? Kept) Snapshot { get; init; }

    /// <summary>The step in hand.</summary>
    public LeafBoard? Leaves { get; init; }

    /// <summary>The norm of the sum in hand, once it is checked.</summary>
    public double Norm { get; init; }

    /// <summary>The measurement in hand.</summary>
    public EvaluationBoard? Evaluation { get; init; }

    /// <summary>What is measured, by this attempt or an earlier one.</summary>
    public ImmutableList<Measured> Measured { get; init; } = [];

    /// <summary>Measurements that this attempt has begun.</summary>
    public int Measurements { get; init; }

    /// <summary>What was decided since the last commit.</summary>
    public ImmutableList<RunDecision> Decisions { get; init; } = [];

    /// <summary>How the measured versions compare.</summary>
    public VersionRanking Ranking { get; init; } = VersionRanking.Empty;

    /// <summary>The best version, as decided.</summary>
    public BestVersion? Best { get; init; }

    /// <summary>Training has stopped early: no step follows.</summary>
    public EarlyStop? Stopped { get; init; }

    /// <summary>The user wants a pause at the next commit.</summary>
    public bool PauseWanted { get; init; }

    /// <summary>Losses of the last ten steps of this attempt.</summary>
    public ImmutableList<double> RecentLosses { get; init; } = [];

    /// <summary>When the last worker was lost that may come again (<see cref="Deadlines.Return"/>); null while none is missed.</summary>
    public DateTimeOffset? MissedSince { get; init; }

    /// <summary>Workers that could not do the one thing that the phase asks for, and the last cause of any failure.</summary>
    public ImmutableSortedSet<string> FailedAt { get; init; } = [];

    public string? LastCause { get; init; }

    /// <summary>What to call it when nobody is left: the last refusal may be the user's mistake.</summary>
    public EndReason NobodyLeft { get; init; } = EndReason.WorkersFailed;

    /// <summary>How the run ends, once that is known; without a reason it is paused.</summary>
    public (EndReason? Reason, string Text)? Outcome { get; init; }

    /// <summary>The number that the adapter to be exported can be fetched under, once it can.</summary>
    public int? ExportNumber { get; init; }

    /// <summary>The exported adapter.</summary>
    public (string Folder, string? Sha256)? Adapter { get; init; }

    /// <summary>What follows from an input.</summary>
    public Decision Decide(RunInput input, DateTimeOffset now)
    {
        if (Phase == RunPhase.Ended)
            return new Decision(this, []);
        var turn = new Turn(this, now);
        Take(turn, input);
        return new Decision(turn.State, turn.Effects);
    }

    private static void Take(Turn turn, RunInput input)
    {
        switch (input)
        {
            case RunInput.Began: Gathering.Begin(turn); break;
            case RunInput.WorkerCame came: Gathering.Come(turn, came.Worker); break;
            case RunInput.WorkerReady ready: Gathering.Ready(turn, ready); break;
            case RunInput.WorkerRefused refused: Gathering.Refused(turn, refused); break;
            case RunInput.WorkerLost lost: Losing.Lost(turn, lost.Worker, lost.Cause); break;
            case RunInput.WorkerFailed failed: Losing.Failed(turn, failed); break;
            case RunInput.Restored restored: Beginning.Restored(turn, restored); break;
            case RunInput.VersionZeroCame zero: Beginning.VersionZero(turn, zero.Worker); break;
            case RunInput.LeafCame leaf: Computing.Leaf(turn, leaf); break;
            case RunInput.NodeCame node: Computing.Node(turn, node); break;
            case RunInput.NodeAdded added: Computing.Added(turn, added); break;
            case RunInput.NodeSpoilt spoilt: Losing.Spoilt(turn, spoilt); break;
            case RunInput.Checked sum: Committing.Checked(turn, sum); break;
            case RunInput.Updated updated: Committing.Updated(turn, updated); break;
            case RunInput.RecordKept record: Committing.RecordKept(turn, record.Step); break;
            case RunInput.SnapshotKept snapshot: Committing.SnapshotKept(turn, snapshot); break;
            case RunInput.BestKept best: Deciding.BestKept(turn, best); break;
            case RunInput.DecisionsKept decisions: Deciding.Closed(turn, decisions.Version); break;
            case RunInput.ResultPublished result when turn.State.Phase == RunPhase.Exporting: Ending.ResultPublished(turn, result.Number); break;
            case RunInput.ResultPublished result: Measuring.ResultPublished(turn, result.Number); break;
            case RunInput.BatchCame batch: Measuring.Came(turn, batch); break;
            case RunInput.ExportCame export: Ending.Exported(turn, export); break;
            case RunInput.WorkerReleased released: Ending.Released(turn, released.Worker); break;
            case RunInput.PauseAsked: Ending.Pause(turn); break;
            case RunInput.CancelAsked: Ending.Cancel(turn); break;
            case RunInput.Broke broke: Ending.End(turn, broke.Reason, broke.Cause); break;
            case RunInput.Ticked: Waiting.Tick(turn); break;
            default: throw new UnreachableException($"no rule for {input.GetType().Name}");
        }
    }
}

/// <summary>What follows from an input.</summary>
/// <param name="Next">The state after it.</param>
/// <param name="Effects">What shall be done, in this order.</param>
public sealed record Decision(StepMachine Next, IReadOnlyList<RunEffect> Effects);
