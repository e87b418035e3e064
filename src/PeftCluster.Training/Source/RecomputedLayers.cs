using System.Globalization;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Source;

/// <summary>
/// How many layers of a micro-batch its backward pass computes again: all, none, or with a limit the fewest with which it fits. A worker's own
/// affair, since no bit depends on it: workers with unlike memory may choose unlike numbers.
/// </summary>
internal sealed class RecomputedLayers
{
    private readonly GradientCheckpointing _setting;
    private readonly long _limit;
    private readonly StepMemory _memory;
    private readonly Func<MicroBatch, MicroBatchShape> _shapeOf;
    private readonly Dictionary<MicroBatchShape, int> _chosen = [];

    private RecomputedLayers(GradientCheckpointing setting, long limit, StepMemory memory, Func<MicroBatch, MicroBatchShape> shapeOf) =>
        (_setting, _limit, _memory, _shapeOf) = (setting, limit, memory, shapeOf);

    /// <summary>Checks that the largest micro-batch fits where there is a limit.</summary>
    /// <param name="setting">training.gradient_checkpointing.</param>
    /// <param name="limit">resources.memory in bytes; null: what this machine has, which is no promise and refuses nothing.</param>
    /// <param name="memory">What a step takes.</param>
    /// <param name="model">The model.</param>
    /// <param name="before">Places that the adapter puts before each row.</param>
    /// <param name="rows">The training rows, how many of them a micro-batch has, and the tokens of a packed row, null where they are not packed.</param>
    /// <exception cref="BadInputException">A micro-batch does not fit the limit.</exception>
    public static RecomputedLayers Of(GradientCheckpointing setting, long? limit, StepMemory memory, ModelConfig model, int before, (ITokenRows All, int Size, int? PackedLength) rows)
    {
        if (limit is { } most && rows.All.Count > 0)
            Check(setting, most, memory, MicroBatchShape.Largest(model, before, rows.All, rows.Size, rows.PackedLength));
        return new RecomputedLayers(setting, limit ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, memory, batch => MicroBatchShape.Of(model, before, rows.All, batch));
    }

    /// <summary>The number for one micro-batch.</summary>
    public int In(MicroBatch batch)
    {
        if (_setting != GradientCheckpointing.Auto)
            return _setting == GradientCheckpointing.On ? _memory.Layers : 0;
        var shape = _shapeOf(batch);
        if (!_chosen.TryGetValue(shape, out var layers))
            _chosen[shape] = layers = _memory.Fewest(shape, _limit) ?? _memory.Layers;
        return layers;
    }

    private static void Check(GradientCheckpointing setting, long limit, StepMemory memory, MicroBatchShape largest)
    {
        var least = setting == GradientCheckpointing.Auto ? memory.Least(largest) : memory.Of(largest, setting == GradientCheckpointing.Off ? 0 : memory.Layers);
        if (least <= limit)
            return;
        var (how, remedy) = setting == GradientCheckpointing.Off
            ? ("with training.gradient_checkpointing: off", "Set that to auto, lower")
            : ("even with all layers computed again", "Lower");
        var tokens = largest.Source > 0 ? $"{largest.Source} and {largest.Length}" : $"{largest.Length}";
        throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
            $"resources.memory: {limit / 1e9:0.##} GB do not hold a worker's step, which takes about {Math.Ceiling(least / 1e7) / 100:0.##} GB {how} ({memory.AtRest / 1e9:0.##} GB without activations; {largest.Rows} rows of {tokens} tokens). {remedy} training.micro_batch_size or data.max_length, or raise the limit."));
    }
}
