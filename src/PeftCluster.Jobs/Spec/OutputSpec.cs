using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>Where the result goes.</summary>
public sealed record OutputSpec
{
    /// <summary>The run's folder. One run at a time owns it.</summary>
    [LocalPath, FilledIn("runs/NAME")]
    public required string Folder { get; init; }
}
