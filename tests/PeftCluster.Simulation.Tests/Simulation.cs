using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Cluster.Worker;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Simulation.Tests;

/// <summary>
/// A whole cluster of machines in virtual time, with everything that goes wrong drawn from one seed: the same seed gives the same run,
/// event by event.
/// </summary>
internal sealed class Simulation
{
    private const long MostEvents = 200_000;

    private readonly VirtualTime _time = new();
    private readonly PhiloxStream _random;
    private readonly MemoryVectorChannel _channel = new();
    private readonly LocalLink _link;
    private readonly MemoryFiles _files;
    private readonly Dictionary<string, SimulatedWorker> _workers = [];
    private readonly Faults _faults;
    private readonly RunRequest _request;
    private SimulatedRun _run;

    public Simulation(int shards, JobKind kind, long seed)
    {
        _random = new PhiloxStream(seed, "simulation");
        _link = new LocalLink(_channel, new MemoryContent());
        _faults = Faults.Of(_random, kind);
        _files = new MemoryFiles(_faults.FailingWrites);
        _request = new RunRequest("01JDB8QK3V5W7Y9ZACEGJMPRTV", SimulatedJobs.Of(shards, kind), Rows, HeldOutRows, DataReference.Own("data"), "/runs/simulated") { Resume = true };
        for (var worker = 0; worker < _faults.Slowness.Length; worker++)
            AddWorker(worker, _faults.Slowness[worker]);
        _run = StartRun();
        foreach (var (worker, dies, returns) in _faults.Deaths)
        {
            _time.After(dies, () => Die($"cpu:{worker}"));
            _time.After(returns, () => Return(worker));
        }
        foreach (var kill in _faults.Kills)
            _time.After(kill, Restart);
    }

    public const int HeldOutRows = 7;

    public static IRowIndex Rows { get; } = new ArithmeticRows(23);

    /// <summary>Every attempt, the last one last.</summary>
    public List<SimulatedRun> Attempts { get; } = [];

    /// <summary>Runs to the end; throws where there is none, with what was going on.</summary>
    public RunEnded Run()
    {
        while (true)
        {
            while (_run.Ended is null)
                if (!_time.Next() || _time.Happened > MostEvents)
                    throw new InvalidOperationException($"no end after {_time.Happened} events and {_time.Now - DateTimeOffset.UnixEpoch}: {_run.State}");
            if (_run.Ended.End != EndReason.StorageFailed)
                return _run.Ended;
            Again(); // As the user does who has made room.
        }
    }

    /// <summary>The worker that lies, or null.</summary>
    public string? Liar => _faults.Liar is { } liar ? $"cpu:{liar.Worker}" : null;

    /// <summary>Writes that failed.</summary>
    public int FailedWrites => _files.Failed;

    public override string ToString() => $"{_faults}; {_run.State}";

    private SimulatedRun StartRun()
    {
        var run = new SimulatedRun(_request, _files, _workers.Keys.Order(StringComparer.Ordinal), _time, _random, _channel, ToWorker);
        Attempts.Add(run);
        return run;
    }

    private void AddWorker(int number, double slowness)
    {
        var name = $"cpu:{number}";
        IStepSourceFactory device = _faults.Liar is { } liar && liar.Worker == number ? new LyingFactory(name, liar.FromStep) : new ArithmeticSourceFactory(name, SimulatedJobs.ShapeOf(_request.Job));
        _workers.Add(name, new SimulatedWorker(device, slowness, _time, _random, _link, ToRun));
    }

    private void Die(string name)
    {
        // One worker always lives: a run without any fails, which is another test.
        if (_workers.Count < 2 || !_workers.Remove(name, out var worker))
            return;
        worker.IsDead = true;
        _time.After(10, () => _run.Take(new RunInput.WorkerLost(name, "killed")));
    }

    private void Return(int number)
    {
        if (_workers.ContainsKey($"cpu:{number}"))
            return;
        AddWorker(number, 1);
        _run.Take(new RunInput.WorkerCame($"cpu:{number}"));
    }

    private void Restart()
    {
        if (_run.Ended is null)
            Again();
    }

    private void Again()
    {
        _run.Kill();
        var key = new AssignmentKey(_request.RunId, _run.Attempt);
        foreach (var worker in _workers.Values)
            worker.Take(new WorkerInput.RunLost(key));
        _run = StartRun();
    }

    private void ToWorker(string name, IRunMessage message) => Deliver(() =>
    {
        if (_workers.TryGetValue(name, out var worker))
            worker.Take(new WorkerInput.Said(message));
    });

    private void ToRun(SimulatedWorker from, IRunMessage message) => Deliver(() =>
    {
        if (!from.IsDead)
            _run.Hear(from.Name, message);
    });

    /// <summary>Late, in any order, perhaps twice, perhaps never.</summary>
    private void Deliver(Action happens)
    {
        var faulty = (_time.Now - DateTimeOffset.UnixEpoch).TotalMilliseconds < _faults.Until;
        if (faulty && _random.NextDouble() < _faults.Lost)
            return;
        _time.After(1 + _faults.LongestDelay * _random.NextDouble(), happens);
        if (faulty && _random.NextDouble() < _faults.Twice)
            _time.After(1 + _faults.LongestDelay * _random.NextDouble(), happens);
    }
}
