using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Journal;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Randomness;

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
    private readonly SimulatedDesk _desk;
    private readonly Action<string, IRunMessage> _send;
    private readonly RunMessages _messages;
    private readonly RunStore _store;
    private readonly HashSet<(int Step, int Shard)> _sent = [];
    private DateTimeOffset _numbersFree, _diskFree, _snapshotDone;
    private StepMachine _machine;

    public SimulatedRun(RunRequest request, MemoryFiles files, IEnumerable<string> workers, VirtualTime time, PhiloxStream random,
        IRunVectors channel, Action<string, IRunMessage> send)
    {
        (_request, _time, _random, _send) = (request, time, random, send);
        _store = RunStore.Open(files, request, process: 1, time);
        _messages = new RunMessages(request, _store.Attempt, "");
        var planner = new StepPlanner(request.Job, request.Rows);
        _desk = new SimulatedDesk(request, _store, channel, planner.TotalSteps);
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
                var source = ready.Source.Open();
                _desk.Use(source);
                Take(new RunInput.WorkerReady(worker, source.Layout.Hash, ready.NumericClass));
                break;
            case Initialised when _machine.Phase == RunPhase.Initialising:
                Numbers(() => _desk.VersionZero(worker));
                break;
            case Exported exported when _machine.Phase == RunPhase.Exporting:
                Disk(() => new RunInput.ExportCame(worker, "adapter", exported.Files.Single().Sha256));
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
            case RunEffect.Restore: Disk(_desk.Restore); break;
            case RunEffect.AddNode add: Numbers(() => _desk.Add(add)); break;
            case RunEffect.ResetSum:
                Numbers(() =>
            {
                _desk.Arithmetic.Reset();
                return new RunInput.Ticked();
            }); break;
            case RunEffect.Check check: Numbers(() => new RunInput.Checked(check.Step, _desk.Arithmetic.Norm())); break;
            case RunEffect.Update update:
                _numbersFree = _snapshotDone > _numbersFree ? _snapshotDone : _numbersFree;
                Numbers(() => _desk.Update(update.Step, update.Norm));
                break;
            case RunEffect.KeepRecord keep:
                Commits.Add(keep.Summary.Plan);
                var (record, gradient, isKept) = _desk.Arithmetic.Commit(keep.Summary);
                Disk(() =>
                {
                    _store.Append(keep.Summary.Plan.Step, record, isKept ? new SummedGradient(keep.Summary.Plan.Step, _desk.Arithmetic.Layout.Hash, gradient) : null);
                    return new RunInput.RecordKept(keep.Summary.Plan.Step);
                });
                break;
            case RunEffect.KeepSnapshot keep:
                var snapshot = _desk.Arithmetic.Snapshot();
                Disk(() => new RunInput.SnapshotKept(keep.Version, _store.Write(snapshot)));
                _snapshotDone = _diskFree;
                break;
            case RunEffect.KeepBest:
                var best = _desk.Arithmetic.Best();
                Disk(() =>
                {
                    var (name, sha256) = _store.Best.Write(best);
                    return new RunInput.BestKept(best.Version, name, sha256);
                });
                break;
            case RunEffect.KeepDecisions decisions:
                var frame = _desk.Arithmetic.Close(decisions.Decisions);
                Disk(() =>
                {
                    _store.AppendLast(frame);
                    return new RunInput.DecisionsKept(decisions.Version);
                });
                break;
            case RunEffect.PublishResult { Best: not null } publish: Disk(() => _desk.PublishResult(publish)); break;
            case RunEffect.PublishResult publish: Numbers(() => _desk.PublishResult(publish)); break;
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

    private void Numbers(Func<RunInput> work) => _numbersFree = InLine(_numbersFree, 2 * _random.NextDouble(), work);

    private void Disk(Func<RunInput> work) => _diskFree = InLine(_diskFree, 100 * _random.NextDouble(), work);

    /// <summary>Work is done at the end of its turn in the line; a killed attempt does none.</summary>
    private DateTimeOffset InLine(DateTimeOffset free, double milliseconds, Func<RunInput> work)
    {
        var done = (free > _time.Now ? free : _time.Now).AddMilliseconds(milliseconds);
        _time.After((done - _time.Now).TotalMilliseconds, () =>
        {
            if (!IsDead)
                Take(Done(work));
        });
        return done;
    }

    /// <summary>A write that fails is an input as well.</summary>
    private static RunInput Done(Func<RunInput> work)
    {
        try
        {
            return work();
        }
        catch (IOException full)
        {
            return new RunInput.Broke(EndReason.StorageFailed, full.Message);
        }
    }

    private void Tick()
    {
        if (IsDead || Ended is not null)
            return;
        Take(new RunInput.Ticked());
        _time.After(100, Tick);
    }
}
