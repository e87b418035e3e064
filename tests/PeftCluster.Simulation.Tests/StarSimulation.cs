using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;
using PeftCluster.Cluster.Worker;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Simulation.Tests;

/// <summary>
/// The real machines of a run and its workers in virtual time, without a number in a vector: what moves or is added takes as long as its bytes do, so
/// a step of 170 million parameters costs nothing. It answers what the protocol makes of a network.
/// </summary>
internal sealed class StarSimulation
{
    public const double GradientSeconds = 2;
    private const double DiskMilliseconds = 10;
    private static readonly SourceDescription _source = new(new ArithmeticShape().Layout, 1, 0, "simulated", "simulated");

    private readonly VirtualTime _time = new();
    private readonly StarRates _rates;
    private readonly double _bytes;
    private readonly SharedLine _in, _out;
    private readonly Dictionary<string, Node> _nodes;
    private readonly RunMessages _messages;
    private DateTimeOffset _numbersFree;
    private StepMachine _machine;

    /// <param name="workers">Workers, one micro-batch each.</param>
    /// <param name="parameters">Floats of a vector.</param>
    /// <param name="rates">What takes how long.</param>
    /// <param name="steps">Steps of the run.</param>
    public StarSimulation(int workers, double parameters, StarRates rates, int steps = 4)
    {
        (_rates, _bytes) = (rates, parameters * sizeof(float));
        (_in, _out) = (new SharedLine(_time, rates.Network), new SharedLine(_time, rates.Network));
        var job = SimulatedJobs.Of(workers, steps: steps);
        var request = new RunRequest("01JDB8QK3V5W7Y9ZACEGJMPRTV", job, new ArithmeticRows(4 * workers), 0, DataReference.Own("data"), "/runs/simulated");
        _messages = new RunMessages(request, attempt: 1, "");
        _nodes = Enumerable.Range(0, workers).ToDictionary(number => $"cpu:{number}", _ => new Node());
        _machine = StepMachine.Of(RunSettings.Of(request, new StepPlanner(job.Training, request.Rows), resumes: false, Deadlines.OfCluster), _nodes.Keys, _time.Now);
    }

    public List<StepCommitted> Steps { get; } = [];

    public List<RunWarning> Warnings { get; } = [];

    /// <summary>The run until its last step is committed.</summary>
    public StarSimulation Run()
    {
        Take(new RunInput.Began());
        Tick();
        while (Steps.Count < _machine.Settings.TotalSteps)
            if (!_time.Next() || _time.Happened > 5_000_000)
                throw new InvalidOperationException($"no end after {_time.Happened} events: {_machine.Phase} at version {_machine.Version}");
        return this;
    }

    private void Tick()
    {
        Take(new RunInput.Ticked());
        _time.After(100, Tick);
    }

    private void Take(RunInput input)
    {
        var decision = _machine.Decide(input, _time.Now);
        _machine = decision.Next;
        foreach (var effect in decision.Effects)
            Perform(effect);
    }

    private void Perform(RunEffect effect)
    {
        switch (effect)
        {
            case RunEffect.AddNode add: Numbers(_bytes / _rates.Add, new RunInput.NodeAdded(add.Worker, add.Step, add.Node, add.Sum)); break;
            case RunEffect.Check check: Numbers(0, new RunInput.Checked(check.Step, 1)); break;
            case RunEffect.Update update: Numbers(_bytes / _rates.Update, new RunInput.Updated(update.Step, 0.1)); break;
            case RunEffect.KeepRecord keep: _time.After(DiskMilliseconds, () => Take(new RunInput.RecordKept(keep.Summary.Plan.Step))); break;
            case RunEffect.KeepSnapshot keep: _time.After(DiskMilliseconds, () => Take(new RunInput.SnapshotKept(keep.Version, ""))); break;
            case RunEffect.Tell { Happened: StepCommitted step }: Steps.Add(step); break;
            case RunEffect.Tell { Happened: RunWarning warning }: Warnings.Add(warning); break;
            case RunEffect.Tell or RunEffect.TellStarted: break;
            default:
                var (worker, message) = _messages.Of(effect);
                Deliver(() => Hear(worker, new WorkerInput.Said(message)));
                break;
        }
    }

    /// <summary>One thing after another, in the run's line of numbers.</summary>
    private void Numbers(double seconds, RunInput done)
    {
        _numbersFree = (_numbersFree > _time.Now ? _numbersFree : _time.Now).AddSeconds(seconds);
        _time.After((_numbersFree - _time.Now).TotalMilliseconds, () => Take(done));
    }

    private void Deliver(Action happens) => _time.After(_rates.Messages / 2 * 1_000, happens);

    private void Hear(string worker, WorkerInput input)
    {
        var node = _nodes[worker];
        var (next, effects) = node.Machine.Decide(input);
        node.Machine = next;
        foreach (var effect in effects)
            if (effect is WorkerEffect.Start start)
                Start(worker, node, start.Item);
            else if (effect is WorkerEffect.Answer answer)
                Deliver(() => Take(InputOf(worker, answer.Message)));
    }

    private void Start(string worker, Node node, WorkItem item)
    {
        void End(IRunMessage? answer) => Hear(worker, new WorkerInput.Ended(item, new WorkOutcome.Done(answer)));
        var (job, attempt) = item.Key;
        switch (item)
        {
            case WorkItem.Open: End(new Ready(job, attempt, item.Step, "simulated", WireDescription.Of(_source))); break;
            case WorkItem.VersionZero: End(new Initialised(job, attempt, item.Step)); break;
            case WorkItem.Leaf leaf:
                _out.Send(node.Version == leaf.Step ? 0 : _bytes, () =>
                {
                    node.Version = leaf.Step;
                    _time.After(GradientSeconds * 1_000, () => End(new LeafDone(
                        job, attempt, leaf.Step, leaf.Shard, (UInt128)leaf.Shard, true, new LeafResult(1, 1, 1), GradientSeconds * 1_000)));
                });
                break;
            case WorkItem.Sum sum:
                _in.Send(_bytes, () => End(new NodeSum(job, attempt, sum.Step, sum.Node, [.. DueSums.Leaves(sum).Select(shard => (UInt128)shard)])));
                break;
            default: End(null); break;
        }
    }

    private static RunInput InputOf(string worker, IRunMessage message) => message switch
    {
        Ready ready => new RunInput.WorkerReady(worker, ready.Source.LayoutHash, ready.NumericClass),
        Initialised => new RunInput.VersionZeroCame(worker),
        _ => RunMessages.InputOf(worker, message),
    };

    private sealed class Node
    {
        public WorkerMachine Machine { get; set; } = WorkerMachine.Empty;

        public int Version { get; set; } = -1;
    }
}

/// <summary>What takes how long: bytes a second, and what the messages of a step take together, in seconds.</summary>
internal sealed record StarRates(double Network, double Add, double Update, double Messages);
