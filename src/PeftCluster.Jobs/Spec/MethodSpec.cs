namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Which adapter is trained. Every method has a record of its own here, its layers in Training/Peft, and one line
/// in each registry; <c>method.type</c> in job.yaml picks the record.
/// </summary>
public abstract record MethodSpec
{
    /// <summary>The name in job.yaml, as in Hugging Face PEFT but in lower case.</summary>
    public abstract string Type { get; }
}
