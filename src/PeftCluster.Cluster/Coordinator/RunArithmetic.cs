using PeftCluster.Cluster.Persistence;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Journal;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Schedules;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// The numbers of one run: the adapter's state and the sum of the step in hand. It does what the machine's effects
/// name, one after another, and is the only writer of all of them. No files, no messages: the simulator uses it as it is.
/// </summary>
public sealed class RunArithmetic
{
    private readonly JobSpec _job;
    private readonly string _digest;
    private readonly RankAllocation? _allocation;
    private readonly LearningRateSchedule _schedule;
    private readonly IGradientSum _sum;
    private AdapterState? _state;
    private StepUpdate _update;

    /// <param name="job">The job.</param>
    /// <param name="digest">What tells it from another.</param>
    /// <param name="source">What the first worker says of it: the adapter's layout, and what is done with its ranks.</param>
    /// <param name="totalSteps">Steps of the whole job.</param>
    /// <param name="sumInOrderOfArrival">The planted fault of <see cref="Disturbance"/>.</param>
    public RunArithmetic(JobSpec job, string digest, SourceDescription source, int totalSteps, bool sumInOrderOfArrival = false)
    {
        (_job, _digest, Layout, _allocation) = (job, digest, source.Layout, source.Allocation);
        _schedule = new LearningRateSchedule(job.Training, totalSteps);
        var tree = new ReductionTree(job.Training.MicroBatches);
        _sum = sumInOrderOfArrival ? new ArrivalSum(tree, Layout.Length) : new TreeSum(tree, Layout.Length);
    }

    public VectorLayout Layout { get; }

    /// <summary>The journal chain's hash at the version in hand.</summary>
    public string Chain { get; private set; } = "";

    /// <summary>The adapter and what the job keeps beside it.</summary>
    public AdapterState State => _state ?? throw new InvalidOperationException("there is no version yet");

    /// <summary>Begins with version 0.</summary>
    public void BeginAt(ReadOnlySpan<float> versionZero)
    {
        _state = new AdapterState(Layout, _job.Training, 0, versionZero, _allocation);
        Chain = JournalChain.Start(_digest, LeafHash.Of(versionZero));
    }

    /// <summary>Goes on from a restored state.</summary>
    public void BeginAt(AdapterState state, string chain) => (_state, Chain) = (state, chain);

    /// <summary>Adds a node that has come, without a copy: answers memory that is free for its vector (<see cref="IGradientSum.Exchange"/>).</summary>
    /// <exception cref="InvalidDataException">Its leaves have other hashes than those that are in.</exception>
    public float[]? Add(TreeNode node, IReadOnlyList<UInt128> leafHashes, float[] vector)
    {
        var exchanged = (float[]?)vector;
        return _sum.Exchange(node, [.. leafHashes], ref exchanged) == SumAnswer.Disagrees
            ? throw new InvalidDataException($"node {node} has leaves with other hashes than those that are in")
            : exchanged;
    }

    /// <summary>Memory of vectors that nobody needs any more (<see cref="IGradientSum.Spare"/>), one at a time.</summary>
    public float[]? Spare() => _sum.Spare();

    /// <summary>Whether a vector, with its hash where that is known, is the one that its sender's hash speaks of. Only a single leaf can be told: the hashes of a sum are those of its leaves.</summary>
    public static bool Fits(TreeNode node, IReadOnlyList<UInt128> leafHashes, ReadOnlySpan<float> vector, UInt128? hash = null) =>
        node.Level > 0 || (hash ?? LeafHash.Of(vector)) == leafHashes[0];

    /// <summary>Forgets what was added of the step.</summary>
    public void Reset() => _sum.Clear();

    /// <summary>The norm of the complete sum; not finite where the sum is not.</summary>
    public double Norm() => BlockSum.Norm(Layout, _sum.Result.Span);

    /// <summary>Makes the next version of the sum, whose norm is known.</summary>
    public StepUpdate Update(double norm) => _update = State.Advance(_schedule, _sum.Result, norm);

    /// <summary>
    /// The record of the step just made as a frame of the journal, its gradient, and whether the gradient is kept too. The next step's sum may begin: the
    /// gradient's memory is the caller's.
    /// </summary>
    public (byte[] Record, float[] Gradient, bool IsKept) Commit(StepSummary summary)
    {
        var gradient = _sum.Release();
        var record = new CommitRecord
        {
            Step = summary.Plan.Step,
            Update = _update,
            LossSum = summary.Leaves.Sum(leaf => leaf.Result.LossSum),
            Denominator = summary.Plan.Denominator,
            Tokens = summary.Leaves.Sum(leaf => (long)leaf.Result.Tokens),
            RowsHash = PlanHash.Of(summary.Plan),
            LeafHashes = [.. summary.Leaves.Select(leaf => leaf.Hash)],
            GradientHash = LeafHash.Of(gradient),
            AdapterHash = LeafHash.Of(State.Adapter.Span),
            Decisions = RunDecisionCodec.Encode(summary.Decisions),
        };
        var (frame, entry) = JournalCodec.Encode(record, Chain);
        Chain = entry.Chain;
        return (frame, gradient, (long)gradient.Length * sizeof(float) <= _job.Journal.MaxVector * 1_000_000L);
    }

    /// <summary>What was decided at the version in hand, which no step follows, as a frame of the journal.</summary>
    public byte[] Close(IReadOnlyList<RunDecision> decisions) =>
        JournalCodec.Encode(new LastDecisions(State.Version, Chain, RunDecisionCodec.Encode(decisions)));

    /// <summary>What the version in hand was measured as, to be kept as the best one: no copy, so no update may be made before it is written.</summary>
    public Snapshot Best() => new(State.Version, Chain, _digest, Layout.Hash, State.Result, []);

    /// <summary>All of the version in hand: no copy either, since as many vectors again would be what a coordinator has at its fullest.</summary>
    public Snapshot Snapshot() => new(State.Version, Chain, _digest, Layout.Hash, State.Adapter, State.Vectors);
}
