namespace PeftCluster.Jobs.Spec;

/// <summary>How a worker on another machine gets the base model. Within one process nothing of this is used.</summary>
public sealed record BaseSpec
{
    /// <summary>
    /// Whether a machine that does not have this base model fetches it from the coordinator, where it is put when the job is submitted. Otherwise it refuses the job.
    /// </summary>
    public bool Fetch { get; init; }
}
