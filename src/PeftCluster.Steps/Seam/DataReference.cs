namespace PeftCluster.Steps.Seam;

/// <summary>A job's prepared data by name: whoever has the key has it prepared already, and the files bring it to whoever has not.</summary>
/// <param name="Key">The input key: equal keys, equal tokens.</param>
/// <param name="Files">What it is made of. Empty where every worker has it in its own process.</param>
/// <param name="Base">The base model that the job was checked with; a worker with another one refuses. Null within one process.</param>
public sealed record DataReference(string Key, IReadOnlyList<DataFile> Files, BaseReference? Base = null)
{
    /// <summary>Data that every worker of the run has already.</summary>
    public static DataReference Own(string key) => new(key, []);
}

/// <summary>One file of prepared data, or of anything else that goes by its content.</summary>
/// <param name="Name">What it is for, for example <c>train.index</c> or <c>train/3</c>; for an exported adapter its file name.</param>
/// <param name="Sha256">What names it, 64 hex digits.</param>
/// <param name="Bytes">Its length.</param>
public sealed record DataFile(string Name, string Sha256, long Bytes);

/// <summary>A job as a worker is asked to open it.</summary>
/// <param name="Job">The job, with every default.</param>
/// <param name="Data">Its prepared data.</param>
/// <param name="Content">Where files of the data and of the base can be fetched.</param>
public sealed record SourceRequest(Jobs.Spec.JobSpec Job, DataReference Data, IContentSource Content)
{
    /// <summary>A job whose data this process has.</summary>
    public static SourceRequest Own(Jobs.Spec.JobSpec job) => new(job, DataReference.Own(""), NoContent.Instance);
}
