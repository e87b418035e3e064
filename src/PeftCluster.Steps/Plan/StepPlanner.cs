using PeftCluster.Jobs.Spec;

namespace PeftCluster.Steps.Plan;

/// <summary>
/// The plan: (job, index of the prepared rows, step) → the rows, padded shape and denominator of every micro-batch. It
/// knows of no worker, and the plan of a step depends neither on how many steps the job has nor on which plans were asked before.
/// In one epoch each example comes exactly once, in one of its wordings (<see cref="IRowIndex.Variants"/>), which is drawn; where there is one wording an example is a row.
/// The last micro-batches of an epoch may be short or empty.
/// </summary>
public sealed class StepPlanner
{
    private readonly BatchOrder _order;
    private readonly int _shards;
    private readonly bool _hasChoices;
    private EpochBatches? _lastEpoch;

    /// <param name="training">Batch sizes, seed, and the number of steps or epochs.</param>
    /// <param name="rows">At least one row.</param>
    /// <param name="packedLength">Tokens of a packed row; null: rows are not packed.</param>
    public StepPlanner(TrainingSpec training, IRowIndex rows, int? packedLength = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Count, 1, nameof(rows));
        (_shards, _hasChoices) = (training.MicroBatches, rows.HasChoices);
        _order = BatchOrder.Of(training, rows, ShardAssignment.Of(rows.Examples, _shards, training.Seed), packedLength);
        StepsPerEpoch = Enumerable.Range(0, _shards).Max(_order.CountOf);
        TotalSteps = training.MaxSteps ?? checked((int)Math.Ceiling(training.NumTrainEpochs * StepsPerEpoch));
    }

    /// <param name="job">Whose plan it is.</param>
    /// <param name="rows">At least one row.</param>
    public StepPlanner(JobSpec job, IRowIndex rows)
        : this(job.Training, rows, PackedLengthOf(job))
    {
    }

    /// <summary>Tokens of a packed row of a job; null: its rows are not packed.</summary>
    public static int? PackedLengthOf(JobSpec job) => job.Data.Packing ? job.Data.MaxLength : null;

    /// <summary>Micro-batches of the shard that has the most of them. Where rows are not packed: ceil(examples ÷ (micro_batch_size · micro_batches)).</summary>
    public int StepsPerEpoch { get; }

    /// <summary>max_steps, else ceil(num_train_epochs · <see cref="StepsPerEpoch"/>), as transformers counts.</summary>
    public int TotalSteps { get; }

    /// <summary>The plan of one step. It may be asked beyond <see cref="TotalSteps"/>: the plan does not end, the job does.</summary>
    /// <param name="step">The step's number, from 0.</param>
    public StepPlan For(int step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var (epoch, stepOfEpoch) = Math.DivRem(step, StepsPerEpoch);
        MicroBatch[] batches = [.. EpochOf(epoch).Select((ofShard, shard) => stepOfEpoch < ofShard.Length ? ofShard[stepOfEpoch] : new MicroBatch(shard, [], 0, 0, 0))];
        // A step without a labelled token has a zero gradient, whatever divides it.
        var denominator = Math.Max(1, batches.Sum(batch => (long)batch.Labels));
        return new StepPlan(step, epoch, batches, denominator)
        {
            Choices = _hasChoices ? new ChoiceCounts(batches.Sum(batch => (long)batch.Labels), batches.Sum(batch => (long)batch.WrongLabels), batches.Sum(batch => (long)batch.Rows.Count)) : null,
        };
    }

    private MicroBatch[][] EpochOf(int epoch)
    {
        // One epoch is kept: plans are asked in order. Two threads may both work it out, to the same result.
        if (_lastEpoch is { } last && last.Epoch == epoch)
            return last.Batches;
        MicroBatch[][] batches = [.. Enumerable.Range(0, _shards).Select(shard => _order.Batches(epoch, shard))];
        _lastEpoch = new EpochBatches(epoch, batches);
        return batches;
    }

    private sealed record EpochBatches(int Epoch, MicroBatch[][] Batches);
}
