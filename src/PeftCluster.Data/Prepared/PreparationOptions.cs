namespace PeftCluster.Data.Prepared;

/// <summary>How rows are prepared; nothing of it changes what comes out.</summary>
public sealed record PreparationOptions
{
    /// <summary>Threads that make tokens. By default as many as the machine has processors.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Hears how far the reading is, a few times for each megabyte; null: nobody asks.</summary>
    public IProgress<PreparationProgress>? Progress { get; init; }
}

/// <summary>How far the reading of a set is.</summary>
/// <param name="Set">The set by its key in the job: data.train or data.eval.</param>
/// <param name="BytesRead">Bytes read so far.</param>
/// <param name="Bytes">Bytes there are.</param>
/// <param name="Rows">Rows made so far.</param>
public sealed record PreparationProgress(string Set, long BytesRead, long Bytes, int Rows);
