namespace PeftCluster.Jobs.Spec;

/// <summary>What the job runs on.</summary>
public sealed record ResourcesSpec
{
    /// <summary>How many workers, a number or a range; null: cores ÷ threads, and never more than micro_batches.</summary>
    public WorkersRange? Workers { get; init; }

    /// <summary>Threads that one worker computes with (1 to 256). Part of the numeric class: another number may give other bits.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>auto, cpu or cuda:N.</summary>
    public string Device { get; init; } = "auto";
}

/// <summary>At least <paramref name="Min"/> workers to start, at most <paramref name="Max"/> (each 1 to 1,024).</summary>
public readonly record struct WorkersRange(int Min, int Max);
