using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Some rows of the embedding are trained and nothing else, as in PEFT's trainable tokens: for tokens that are new, or that shall mean something new.
/// Where embedding and output head are one weight, the head has the rows too.
/// </summary>
public sealed record TrainableTokensSpec : MethodSpec
{
    public override string Type => "trainable_tokens";

    // A step of AdamW is about the rate, and an embedding's numbers are some hundredths: ten steps can turn one round.
    public override double DefaultLearningRate => 5e-3;

    /// <summary>Ids of the tokens, in the order of the file. A job has to name at least one.</summary>
    [Items(1, 65536), In("[0, 16777215]")]
    public ValueList<int>? TokenIndices { get; init; }
}
