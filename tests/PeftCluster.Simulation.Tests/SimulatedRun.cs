using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Simulation.Tests;

/// <summary>
/// One attempt of a run: the real machine, arithmetic and store, in virtual time. Numbers are answered in order, the disk
/// late; a killed attempt loses what the disk had not done.
/// </summary>
internal sealed class SimulatedRun
{
    private static readonly Deadlines _deadlines = new()
    {
        Assign = TimeSpan.FromSeconds(60),
        Ceiling = TimeSpan.FromSeconds(60),
        Remind = TimeSpan.FromSeconds(1),
    };

    private readonly RunRequest _request;
    private readonly VirtualTime _time;
    private readonly PhiloxStream _random;
    private readonly IVectorChannel _channel;
    private readonly Action<string, IRunMessage> _send;
    private readonly RunMessages _messages;
    private readonly RunStore _store;
    private readonly HashSet<(int Step, int Shard)> _sent = [];
    private RunArithmetic? _arithmetic;
    private float[] _arrived = [];
    private DateTimeOffset _numbersFree, _diskFree;
    private StepMachine _machine;

    public SimulatedRun(RunRequest request, MemoryFiles files, IEnumerable<string> workers, VirtualTime time, PhiloxStream random,
        IVectorChannel channel, Action<string, IRunMessage> send)
    {
        (_request, _time, _random, _channel, _send) = (request, time, random, channel, send);
        _store = RunStore.Open(files, request, process: 1, time);
        _messages = new RunMessages(request, _store.Attempt);
        var planner = new StepPlanner(request.Job.Training, request.Rows);
        _machine = StepMachine.Of(RunSettings.Of(request, planner, _store.Resumes, _deadlines), workers, time.Now);
        Take(new RunInput.Began());
        Tick();
    }

    public int Attempt => _store.Attempt;

    public bool IsDead { get; private set; }

    public List<RunEvent> Events { get; } = [];

    /// <summary>Rows and steps of what was committed, in order.</summary>
    public List<StepPlan> Commits { get; } = [];

    public RunEnded? Ended { get; private set; }

    /// <summary>The hash of the adapter at the end.</summary>
    public UInt128 AdapterHash => LeafHash.Of(_arithmetic!.State.Adapter.Span);

    /// <summary>The version that the attempt began with. Snapshots are of even versions, so an odd one was replayed.</summary>
    public int FirstStep { get; private set; }

    /// <summary>Shards that were sent beyond the one time that each needs.</summary>
    public int Copies { get; private set; }

    public string State => $"attempt {Attempt}, {_machine.Phase} at version {_machine.Version}, workers " +
        string.Join(" ", _machine.Roster.Workers.Values.Select(worker => $"{worker.Name}:{worker.Standing}({string.Join(",", worker.Given)}|{string.Join(",", worker.Reported)})"));

    public void Kill() => IsDead = true;

    public void Hear(string worker, IRunMessage message)
    {
        if (message.Job != _request.RunId || message.Attempt != Attempt)
            return;
        switch (message)
        {
            case Ready ready:
                var layout = ready.Source.Open().Layout;
                _arithmetic ??= Use(layout);
                Take(new RunInput.WorkerReady(worker, layout.Hash, ready.NumericClass));
                break;
            case Initialised when _machine.Phase == RunPhase.Initialising:
                Numbers(() => VersionZero(worker));
                break;
            case Exported when _machine.Phase == RunPhase.Exporting:
                Disk(() => new RunInput.ExportCame(worker, "adapter", null));
                break;
            case Initialised or Exported:
                break;
            default:
                Take(RunMessages.InputOf(worker, message));
                break;
        }
    }

    public void Take(RunInput input)
    {
        if (IsDead)
            return;
        var decision = _machine.Decide(input, _time.Now);
        _machine = decision.Next;
        foreach (var effect in decision.Effects)
            Perform(effect);
    }

    private void Perform(RunEffect effect)
    {
        switch (effect)
        {
            case RunEffect.Restore: Disk(Restore); break;
            case RunEffect.AddNode add: Numbers(() => Add(add)); break;
            case RunEffect.Check check: Numbers(() => new RunInput.Checked(check.Step, _arithmetic!.Norm())); break;
            case RunEffect.Update update: Numbers(() => Update(update.Step)); break;
            case RunEffect.KeepRecord keep:
                Commits.Add(keep.Summary.Plan);
                var (record, gradient) = _arithmetic!.Commit(keep.Summary);
                Disk(() =>
                {
                    _store.Append(keep.Summary.Plan.Step, record, gradient);
                    return new RunInput.RecordKept(keep.Summary.Plan.Step);
                });
                break;
            case RunEffect.KeepSnapshot keep:
                var snapshot = _arithmetic!.Snapshot();
                Disk(() => new RunInput.SnapshotKept(keep.Version, _store.Write(snapshot)));
                break;
            case RunEffect.AskExport export: _send(export.Worker, _messages.Export(export.Version, Path.GetTempPath())); break;
            case RunEffect.TellStarted started: FirstStep = started.FirstStep; break;
            case RunEffect.Tell tell: Events.Add(tell.Happened); break;
            case RunEffect.End end: Ended = end.Ended; break;
            default:
                if (effect is RunEffect.SendStep step)
                    Copies += step.Shards.Count(shard => !_sent.Add((step.Plan.Step, shard)));
                var (worker, message) = _messages.Of(effect);
                _send(worker, message);
                break;
        }
    }

    private RunArithmetic Use(VectorLayout layout)
    {
        _arrived = new float[layout.Length];
        return new RunArithmetic(_request.Job, _store.Digest, layout, _machine.Settings.TotalSteps);
    }

    private RunInput.Restored Restore()
    {
        var restored = _store.Restore(_arithmetic!.Layout);
        if (restored.State is not { } state)
            return new RunInput.Restored(null, []);
        _arithmetic.BeginAt(state, restored.Chain);
        _store.Begin(state.Version, restored.Chain);
        Publish();
        return new RunInput.Restored(state.Version, restored.Measured);
    }

    private RunInput VersionZero(string worker)
    {
        if (!Taken(VectorAddress.VersionZero(_request.RunId, Attempt, worker)))
            return new RunInput.Ticked();
        _arithmetic!.BeginAt(_arrived);
        _store.Begin(0, _arithmetic.Chain);
        Publish();
        return new RunInput.VersionZeroCame(worker);
    }

    private RunInput Add(RunEffect.AddNode add)
    {
        if (!Taken(new VectorAddress(_request.RunId, Attempt, add.Step, add.Node, add.Worker)))
            return new RunInput.NodeSpoilt(add.Worker, add.Step, add.Node, "not in the channel");
        _arithmetic!.Add(add.Node, add.LeafHashes, _arrived);
        return new RunInput.NodeAdded(add.Worker, add.Step, add.Node);
    }

    private RunInput.Updated Update(int step)
    {
        var update = _arithmetic!.Update();
        Publish();
        _channel.ForgetBefore(_request.RunId, Attempt, step + 1);
        return new RunInput.Updated(step, update.Scalars.LearningRate);
    }

    private bool Taken(VectorAddress address) =>
        _channel.TakeAsync(address, _arithmetic!.Layout.Hash, _arrived, CancellationToken.None).GetAwaiter().GetResult();

    private void Publish() =>
        _channel.Publish(_request.RunId, Attempt, _arithmetic!.State.Version, _arithmetic.Layout.Hash, _arithmetic.State.Adapter.Span);

    private void Numbers(Func<RunInput> work) => _numbersFree = InLine(_numbersFree, 2 * _random.NextDouble(), work);

    private void Disk(Func<RunInput> work) => _diskFree = InLine(_diskFree, 100 * _random.NextDouble(), work);

    /// <summary>Work is done at the end of its turn in the line; a killed attempt does none.</summary>
    private DateTimeOffset InLine(DateTimeOffset free, double milliseconds, Func<RunInput> work)
    {
        var done = (free > _time.Now ? free : _time.Now).AddMilliseconds(milliseconds);
        _time.After((done - _time.Now).TotalMilliseconds, () =>
        {
            if (!IsDead)
                Take(work());
        });
        return done;
    }

    private void Tick()
    {
        if (IsDead || Ended is not null)
            return;
        Take(new RunInput.Ticked());
        _time.After(100, Tick);
    }
}
