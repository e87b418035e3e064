namespace PeftCluster.Jobs.Spec;

/// <summary>
/// A loss of a plugin, in the place of cross-entropy: a record of its keys, as a method has one. <c>training.loss.type</c> in job.yaml picks it.
/// </summary>
public abstract record LossSpec
{
    /// <summary>The name in job.yaml.</summary>
    public abstract string Type { get; }

    /// <summary>Two keys of the loss that do not fit together: the one to change, and a line about it. Null: all is well.</summary>
    public virtual (string Key, string What)? Contradiction => null;
}
