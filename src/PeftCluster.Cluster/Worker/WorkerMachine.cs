using System.Collections.Immutable;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Worker;

/// <summary>
/// One device as a pure machine: assignments by (job, attempt), and one line of work, first in, first out, for all of them. It never computes
/// anything; what is asked again while it waits or runs is not done twice, and what is done is answered again from what is kept.
/// </summary>
/// <param name="Assignments">Jobs that this worker works for.</param>
/// <param name="Line">What waits, in order.</param>
/// <param name="InHand">What runs.</param>
public sealed record WorkerMachine(
    ImmutableDictionary<AssignmentKey, Assignment> Assignments, ImmutableList<WorkItem> Line, WorkItem? InHand)
{
    public static WorkerMachine Empty { get; } = new(ImmutableDictionary<AssignmentKey, Assignment>.Empty, [], null);

    /// <summary>What follows from an input.</summary>
    public (WorkerMachine Next, IReadOnlyList<WorkerEffect> Effects) Decide(WorkerInput input)
    {
        var turn = new WorkerTurn(this);
        switch (input)
        {
            case WorkerInput.Said said: turn.Hear(said.Message); break;
            case WorkerInput.Ended ended: turn.End(ended.Item, ended.Outcome); break;
            case WorkerInput.RunLost lost: turn.Release(lost.Key, 0); break;
        }
        turn.StartNext();
        return (turn.State, turn.Effects);
    }
}

/// <summary>One job on one worker.</summary>
/// <param name="Ready">The answer to being assigned, once the source is open.</param>
/// <param name="Step">The newest step that was announced; −1 before the first.</param>
/// <param name="Measurement">The newest measurement that was asked for.</param>
/// <param name="Kept">Leaves of that step that are computed: what was said of each.</param>
/// <param name="Due">Nodes of that step that the run waits for and whose leaves are not all kept yet.</param>
/// <param name="Closing">It is released; what comes for it is dropped.</param>
public sealed record Assignment(
    Ready? Ready, int Step, int Measurement, ImmutableSortedDictionary<int, LeafDone> Kept, ImmutableList<WorkItem.Sum> Due, bool Closing)
{
    public static Assignment New { get; } = new(null, -1, -1, ImmutableSortedDictionary<int, LeafDone>.Empty, [], false);

    /// <summary>A new step: leaves of the last one are needed no more.</summary>
    public Assignment At(int step) => this with { Step = step, Kept = ImmutableSortedDictionary<int, LeafDone>.Empty, Due = [] };
}
