namespace PeftCluster.Jobs.Spec;

/// <summary>
/// Full fine-tuning: every weight of the model is trained. It is here to measure the other methods by. The vector that nodes exchange is the whole
/// model, so that it is for one machine and small models; the file holds every weight under the model's own names.
/// </summary>
public sealed record FullSpec : MethodSpec
{
    public override string Type => "full";

    public override double DefaultLearningRate => 2e-5;
}
