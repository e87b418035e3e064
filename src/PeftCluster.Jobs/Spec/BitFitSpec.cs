namespace PeftCluster.Jobs.Spec;

/// <summary>
/// BitFit (Ben Zaken et al., arXiv 2106.10199): the model's own biases are trained, and nothing is added. For models that have biases (gpt2, bert,
/// qwen2, …). The file holds the trained biases under the model's own names.
/// </summary>
public sealed record BitFitSpec : MethodSpec
{
    public override string Type => "bitfit";

    // T-Few's rate for it.
    public override double DefaultLearningRate => 3e-4;
}
