using System.Globalization;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Which adapter is trained. Every method has a record of its own here, its layers in Training/Peft, and one line
/// in each registry; <c>method.type</c> in job.yaml picks the record.
/// </summary>
public abstract record MethodSpec
{
    /// <summary>The name in job.yaml, as in Hugging Face PEFT but in lower case.</summary>
    public abstract string Type { get; }

    /// <summary>The peak learning rate of a job that names none: methods differ in it by more than ten times.</summary>
    public abstract double DefaultLearningRate { get; }

    /// <summary>What a job of this method has in <c>training</c> where it says nothing: keys, with dots below that section, and their values in YAML.</summary>
    /// <param name="given">The keys that it gives there, where they are plain values: a default may depend on them.</param>
    public virtual IReadOnlyDictionary<string, string> TrainingDefaults(IReadOnlyDictionary<string, string> given) =>
        new Dictionary<string, string> { ["learning_rate"] = DefaultLearningRate.ToString("R", CultureInfo.InvariantCulture) };

    /// <summary>
    /// Whether the adapted layers' weights lie as [in, out], GPT-2's way: the file of an adapter says it. No key of a job, since the model
    /// decides it.
    /// </summary>
    public bool FanInFanOut { get; init; }

    /// <summary>The spec for a job of so many steps: a method that has a schedule of its own fills in what the job leaves out.</summary>
    /// <exception cref="BadInputException">The schedule does not fit into them.</exception>
    public virtual MethodSpec For(Func<int> totalSteps) => this;

    /// <summary>Two keys of the method that do not fit together: the one to change, and a line about it. Null: all is well.</summary>
    public virtual (string Key, string What)? Contradiction => null;
}
