using PeftCluster.Training.Models;

namespace PeftCluster.Training.Bench;

/// <summary>
/// The floor of a training step with a frozen base: for each token and each weight of a linear layer or the head, a multiply and an add
/// forward and as much again for the gradient of the input. Attention, norms and the adapter are left out, so a perfect step
/// is a little above the floor. An encoder's layers and the decoder's see as many tokens each.
/// </summary>
public static class StepFlops
{
    /// <summary>Floating-point operations of one step.</summary>
    /// <param name="config">The model.</param>
    /// <param name="tokens">Tokens of all rows; for an encoder and decoder those that each of the two sees.</param>
    public static double Of(ModelConfig config, long tokens)
    {
        var linears = config.Linears.Sum(linear => linear.In * linear.Out);
        // A tied head is no layer of its own, but its product is computed all the same. A classifier's reads one token and is next to nothing.
        var head = config.Task == PeftTask.Classification || config.Linears.Any(linear => linear.Path == config.HeadPath) ? 0 : (long)config.HiddenSize * config.VocabularySize;
        return 4.0 * tokens * (linears + head);
    }
}
