namespace PeftCluster.Cluster.Coordinator.Phases;

/// <summary>
/// One decision while it is made: the rules of the phases call each other, each changing the state and adding effects. It lives
/// for one call of <see cref="StepMachine.Decide"/>.
/// </summary>
internal sealed class Turn(StepMachine state, DateTimeOffset now)
{
    public StepMachine State { get; set; } = state;

    public DateTimeOffset Now { get; } = now;

    public List<RunEffect> Effects { get; } = [];

    public RunSettings Settings => State.Settings;

    public Roster Roster
    {
        get => State.Roster;
        set => State = State with { Roster = value };
    }

    public void Do(RunEffect effect) => Effects.Add(effect);

    public void Tell(RunEvent happened) => Do(new RunEffect.Tell(happened));

    /// <param name="text">What a user should read once.</param>
    /// <param name="about">The worker that it is about, or null.</param>
    public void Warn(string text, string? about = null) => Tell(new RunWarning(text) { About = about });

    /// <summary>Enters a phase; nobody has anything of it in hand yet.</summary>
    public void Enter(RunPhase phase)
    {
        State = State with { Phase = phase, PhaseSince = Now, FailedAt = [] };
        Roster = Roster.Each(worker => worker.Fresh(Now));
    }

    /// <summary>Changes what is known of one leaf of the step in hand.</summary>
    public void Set(int shard, Func<Leaf, Leaf> change) => State = State with { Leaves = State.Leaves!.With(shard, change) };

    /// <summary>Notes that a worker was sent something that is no new work.</summary>
    public void Remind(Worker worker) => Roster = Roster.With(worker with { LastAsked = Now });
}
