using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>What the job runs on.</summary>
public sealed record ResourcesSpec
{
    /// <summary>How many workers, a number or a range; null: cores ÷ threads, and never more than micro_batches.</summary>
    [In("[1, 1024]"), OutsideResult]
    public WorkersRange? Workers { get; init; }

    /// <summary>Threads that one worker computes with. Part of the numeric class: another number may give other bits.</summary>
    [In("[1, 256]")]
    public int Threads { get; init; } = 1;

    /// <summary>auto, cpu or cuda:N.</summary>
    [Pattern("^(auto|cpu|cuda:[0-9]{1,3})$", "auto, cpu or cuda:N")]
    public string Device { get; init; } = "auto";

    /// <summary>
    /// The most memory that a worker's step may take, its base model included, for example 4GB; null: what the machine has. Where a step would take more, layers are computed again: see training.gradient_checkpointing.
    /// </summary>
    [Pattern(MemorySize.Regex, MemorySize.Words), OutsideResult]
    public string? Memory { get; init; }
}

/// <summary>How many workers.</summary>
/// <param name="Min">The fewest workers to start with.</param>
/// <param name="Max">The most workers.</param>
public readonly record struct WorkersRange(
    [property: In("[1, 1024]"), Example("1")] int Min,
    [property: In("[1, 1024]"), Example("4")] int Max);
