using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Steps.Plan;

/// <summary>
/// The plan: (job, index of the prepared rows, step) → the rows, padded shape and denominator of every micro-batch. It
/// knows of no worker, and the plan of a step depends neither on how many steps the job has nor on which plans were asked before.
/// In one epoch each row comes exactly once; the last micro-batches of an epoch may be short or empty.
/// </summary>
public sealed class StepPlanner
{
    private readonly TrainingSpec _training;
    private readonly IRowIndex _rows;
    private readonly IReadOnlyList<int[]> _shards;
    private EpochOrder? _lastOrder;

    /// <param name="training">Batch sizes, seed, and the number of steps or epochs.</param>
    /// <param name="rows">At least one row.</param>
    public StepPlanner(TrainingSpec training, IRowIndex rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Count, 1, nameof(rows));
        (_training, _rows) = (training, rows);
        _shards = ShardAssignment.Of(rows.Count, training.MicroBatches, training.Seed);
        (StepsPerEpoch, TotalSteps) = (StepsPerEpochOf(training, rows.Count), TotalStepsOf(training, rows.Count));
    }

    /// <summary>The steps of a job over so many rows.</summary>
    public static int TotalStepsOf(TrainingSpec training, int rows) =>
        training.MaxSteps ?? checked((int)Math.Ceiling(training.NumTrainEpochs * StepsPerEpochOf(training, rows)));

    private static int StepsPerEpochOf(TrainingSpec training, int rows)
    {
        var globalBatch = (long)training.MicroBatchSize * training.MicroBatches;
        return (int)((rows + globalBatch - 1) / globalBatch);
    }

    /// <summary>ceil(rows ÷ (micro_batch_size · micro_batches)).</summary>
    public int StepsPerEpoch { get; }

    /// <summary>max_steps, else ceil(num_train_epochs · <see cref="StepsPerEpoch"/>), as transformers counts.</summary>
    public int TotalSteps { get; }

    /// <summary>The plan of one step. It may be asked beyond <see cref="TotalSteps"/>: the plan does not end, the job does.</summary>
    /// <param name="step">The step's number, from 0.</param>
    public StepPlan For(int step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var (epoch, stepOfEpoch) = Math.DivRem(step, StepsPerEpoch);
        var order = OrderOf(epoch);
        MicroBatch[] batches = [.. order.Select((rows, shard) => BatchOf(shard, rows, stepOfEpoch))];
        // A step without a labelled token has a zero gradient, whatever divides it.
        var denominator = Math.Max(1, batches.Sum(batch => (long)batch.Labels));
        return new StepPlan(step, epoch, batches, denominator);
    }

    private MicroBatch BatchOf(int shard, int[] order, int stepOfEpoch)
    {
        var first = Math.Min(order.Length, (long)stepOfEpoch * _training.MicroBatchSize);
        var end = Math.Min(order.Length, first + _training.MicroBatchSize);
        var rows = order[(int)first..(int)end];
        int longest = 0, labels = 0, tokens = 0;
        foreach (var row in rows)
        {
            longest = Math.Max(longest, _rows.Length(row));
            labels = checked(labels + _rows.Labels(row));
            tokens = checked(tokens + _rows.Length(row));
        }
        return new MicroBatch(shard, rows, (longest + 15) / 16 * 16, labels, tokens);
    }

    private int[][] OrderOf(int epoch)
    {
        // One epoch is kept: plans are asked in order. Two threads may both work it out, to the same result.
        if (_lastOrder is { } last && last.Epoch == epoch)
            return last.Rows;
        int[][] rows = [.. _shards.Select((shard, number) => Shuffled(shard, epoch, number))];
        _lastOrder = new EpochOrder(epoch, rows);
        return rows;
    }

    private int[] Shuffled(int[] shard, int epoch, int number)
    {
        int[] order = [.. shard];
        new PhiloxStream(_training.Seed, PhiloxPurpose.Order, ((ulong)epoch << 32) | (uint)number).Shuffle(order);
        return order;
    }

    private sealed record EpochOrder(int Epoch, int[][] Rows);
}
