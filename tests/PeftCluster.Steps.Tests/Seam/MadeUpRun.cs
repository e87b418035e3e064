using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Journal;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Reduction;
using PeftCluster.Steps.Schedules;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Steps.Tests.Seam;

/// <summary>
/// A run without actors: plan, arithmetic source, sum, optimizer, journal, each used as the coordinator uses it. How a
/// step's leaves reach the sum is the caller's.
/// </summary>
internal sealed class MadeUpRun
{
    public const string JobDigest = "a made-up job";

    private readonly ArithmeticSource _source;
    private readonly StepPlanner _planner;
    private readonly LearningRateSchedule _schedule;

    public MadeUpRun(int shards, int steps, ArithmeticShape? shape = null, Func<TrainingSpec, TrainingSpec>? training = null)
    {
        Training = new TrainingSpec
        {
            LearningRate = 3e-2,
            LrSchedulerType = LrSchedulerType.Cosine,
            WarmupSteps = 1,
            WeightDecay = 0.01,
            MaxGradNorm = 0.02,
            MicroBatchSize = 2,
            MicroBatches = shards,
            Seed = 11,
            MaxSteps = steps,
        };
        Training = training?.Invoke(Training) ?? Training;
        shape ??= new ArithmeticShape { SliceLengths = [5, 19, 3] };
        (_source, Layout) = (new ArithmeticSource(Training.Seed, shape), shape.Layout);
        _planner = new StepPlanner(Training, new ArithmeticRows(3 * shards * 2 - 1));
        _schedule = new LearningRateSchedule(Training, steps);
        Tree = new ReductionTree(shards);
        var zero = new float[Layout.Length];
        _source.InitialiseAsync(zero, CancellationToken.None);
        State = new AdapterState(Layout, Training, 0, zero, shape.Allocation);
        Chain = JournalChain.Start(JobDigest, LeafHash.Of(zero));
    }

    public TrainingSpec Training { get; }

    public VectorLayout Layout { get; }

    public ReductionTree Tree { get; }

    public AdapterState State { get; }

    public string Chain { get; private set; }

    public StepPlan Plan => _planner.For(State.Version);

    /// <summary>A leaf of the step in hand, as any worker computes it.</summary>
    public (float[] Vector, UInt128 Hash) Leaf(int shard)
    {
        var gradient = new float[Layout.Length];
        _source.GradientAsync(new GradientWork(State.Version, Plan.MicroBatches[shard], Plan.Denominator), State.Adapter, gradient, CancellationToken.None);
        return (gradient, LeafHash.Of(gradient));
    }

    /// <summary>Makes the step from a complete sum, and its journal frames.</summary>
    public (byte[] Record, byte[] Gradient, JournalEntry Entry) Commit(ReadOnlyMemory<float> sum, IReadOnlyList<UInt128> leafHashes)
    {
        var (plan, gradient) = (Plan, new SummedGradient(State.Version, Layout.Hash, sum.ToArray()));
        var update = State.Advance(_schedule, gradient.Vector);
        var record = new CommitRecord
        {
            Step = plan.Step,
            Update = update,
            LossSum = 0,
            Denominator = plan.Denominator,
            Tokens = plan.MicroBatches.Sum(batch => batch.Tokens),
            RowsHash = PlanHash.Of(plan),
            LeafHashes = leafHashes,
            GradientHash = LeafHash.Of(sum.Span),
            AdapterHash = LeafHash.Of(State.Adapter.Span),
            Decisions = plan.Step % 2 == 0 ? [new Decision("evaluation", "{\"loss\":1.5}")] : [],
        };
        var (frame, entry) = JournalCodec.Encode(record, Chain);
        Chain = entry.Chain;
        return (frame, JournalCodec.Encode(gradient).ToArray(), entry);
    }

    /// <summary>One step with the leaves in order, one after another.</summary>
    public (byte[] Record, byte[] Gradient, JournalEntry Entry) Step()
    {
        var sum = new TreeSum(Tree, Layout.Length);
        var hashes = new UInt128[Tree.LeafCount];
        for (var shard = 0; shard < hashes.Length; shard++)
        {
            (var vector, hashes[shard]) = Leaf(shard);
            sum.Add(TreeNode.Leaf(shard), [hashes[shard]], vector);
        }
        return Commit(sum.Result, hashes);
    }
}
