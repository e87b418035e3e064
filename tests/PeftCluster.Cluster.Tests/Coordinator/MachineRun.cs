using PeftCluster.Cluster.Coordinator;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Coordinator;

/// <summary>A step machine driven by hand: inputs go in, effects are looked at, and whatever is not the test's business is answered well.</summary>
internal sealed class MachineRun
{
    public const string LayoutHash = "layout-hash";
    private StepMachine _machine;

    public MachineRun(int workers = 2, int shards = 4, int steps = 5, int saveSteps = 100, Deadlines? deadlines = null, bool measures = false, int minimum = 1,
        int? evalSteps = null, int? patience = null, bool loadBest = false, double auditFraction = 0, bool averages = false)
    {
        var training = TestRuns.Job(steps, shards).Training;
        _machine = StepMachine.Of(new RunSettings
        {
            Planner = new StepPlanner(training, new ArithmeticRows(70)),
            Shards = shards,
            SaveSteps = saveSteps,
            MinimumWorkers = minimum,
            Shots = measures ? [0] : [],
            HeldOutRows = measures || evalSteps is not null ? 10 : 0,
            EvaluationBatch = 4,
            EvalSteps = evalSteps,
            Patience = patience,
            LoadBest = loadBest,
            Averages = averages,
            AuditFraction = auditFraction,
            Deadlines = deadlines ?? new Deadlines(),
        }, Enumerable.Range(0, workers).Select(worker => $"cpu:{worker}"), Now);
    }

    public DateTimeOffset Now { get; private set; } = DateTimeOffset.UnixEpoch;

    public RunPhase Phase => _machine.Phase;

    public int? Version => _machine.Version;

    public RunEnded? Ended { get; private set; }

    public List<string> Warnings { get; } = [];

    public List<RunEvent> Events { get; } = [];

    /// <summary>Effects of the last input.</summary>
    public IReadOnlyList<RunEffect> Effects { get; private set; } = [];

    public IEnumerable<T> Those<T>() where T : RunEffect => Effects.OfType<T>();

    /// <summary>Gives an input. What follows from it is not answered.</summary>
    public MachineRun Give(RunInput input)
    {
        var decision = _machine.Decide(input, Now);
        (_machine, Effects) = (decision.Next, decision.Effects);
        foreach (var told in Those<RunEffect.Tell>())
            Events.Add(told.Happened);
        Warnings.AddRange(Those<RunEffect.Tell>().Select(told => told.Happened).OfType<RunWarning>().Select(warning => warning.Text));
        Ended ??= Those<RunEffect.End>().SingleOrDefault()?.Ended;
        return this;
    }

    /// <summary>As <see cref="Give"/>, where the effects of the input before stay to be looked at.</summary>
    private MachineRun Answered(RunInput input)
    {
        var before = Effects;
        Give(input);
        Effects = [.. before, .. Effects];
        return this;
    }

    public MachineRun After(TimeSpan time)
    {
        Now += time;
        return Give(new RunInput.Ticked());
    }

    /// <summary>Begins, and brings the run to its first step (or its first measurement).</summary>
    public MachineRun Begin()
    {
        Give(new RunInput.Began());
        foreach (var worker in _machine.Roster.Workers.Keys)
            Ready(worker);
        Give(new RunInput.VersionZeroCame(Those<RunEffect.AskVersionZero>().Single().Worker));
        return Give(new RunInput.SnapshotKept(0, "snapshot"));
    }

    public MachineRun Ready(string worker, string layout = LayoutHash, string numericClass = "class") =>
        Give(new RunInput.WorkerReady(worker, layout, numericClass));

    public MachineRun Leaf(string worker, int step, int shard, double milliseconds = 100, bool finite = true, UInt128? hash = null) =>
        Give(new RunInput.LeafCame(worker, step, shard, new LeafReport(worker, hash ?? HashOf(shard), finite, new LeafResult(1, 10, 20), milliseconds)));

    public MachineRun Node(string worker, int step, int shard)
    {
        var node = TreeNode.Leaf(shard);
        Give(new RunInput.NodeCame(worker, step, node, [HashOf(shard)]));
        return Those<RunEffect.AddNode>().Any() ? Give(new RunInput.NodeAdded(worker, step, node)) : this;
    }

    public MachineRun Done(string worker, int step, params int[] shards)
    {
        foreach (var shard in shards)
            Leaf(worker, step, shard).Node(worker, step, shard);
        return this;
    }

    /// <summary>A whole step by two workers, its record on disk.</summary>
    public MachineRun Step(int step) =>
        Done("cpu:0", step, 0, 1).Done("cpu:1", step, 2, 3).Commit(step).Answered(new RunInput.RecordKept(step));

    /// <summary>The measurement in hand comes out with this loss, all of it by one worker, and with so many examples left out of each prompt.</summary>
    public MachineRun Measured(int number, double loss, string worker = "cpu:0", int leftOut = 0)
    {
        // The other worker has the second batch; its copy is not waited for in these tests.
        Give(Batch("cpu:0", number, 0, [0, 1, 2, 3], loss, leftOut)).Give(Batch("cpu:1", number, 1, [4, 5, 6, 7], loss, leftOut));
        return Give(Batch(worker, number, 2, [8, 9], loss, leftOut));
    }

    private static RunInput.BatchCame Batch(string worker, int number, int batch, int[] rows, double loss, int leftOut) =>
        new(worker, number, batch, [.. rows.Select(row => new RowEvaluation(row, loss, 1, false, 12, LeftOut: leftOut))], 100);

    /// <summary>From the complete sum to the next version.</summary>
    public MachineRun Commit(int step)
    {
        Give(new RunInput.Checked(step, 1.5));
        return Give(new RunInput.Updated(step, 0.01));
    }

    public static UInt128 HashOf(int shard) => (UInt128)(1000 + shard);
}
