using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>
/// NEFTune (Jain et al., arXiv 2310.05914): noise uniform in ±α ÷ √(T · D) on embeddings while training, T the padded length, as in TRL.
/// Which noise, <see cref="MicroBatchRandomness"/> says. Off until a micro-batch begins.
/// </summary>
internal sealed class EmbeddingNoise(double alpha, long seed)
{
    private readonly MicroBatchRandomness _random = new(seed, PhiloxPurpose.EmbeddingNoise);

    /// <summary>From here on, embeddings are those of this micro-batch, <see cref="MicroBatchRandomness.Begin"/>.</summary>
    public void Begin(int step, MicroBatch batch, IReadOnlyList<int>? owners = null)
    {
        if (alpha > 0)
            _random.Begin(step, batch, owners);
    }

    /// <summary>From here on, there is no noise.</summary>
    public void End() => _random.End();

    /// <summary>Embeddings with their noise.</summary>
    /// <param name="x_BTD">Rows in the order of the micro-batch.</param>
    /// <param name="site">Which of the model's embeddings: 0, or 1 for a second stack's.</param>
    public Tensor Apply(Tensor x_BTD, int site)
    {
        var most = alpha / Math.Sqrt((double)x_BTD.shape[1] * x_BTD.shape[2]);
        return _random.Like(x_BTD, site, bits => (float)((bits * (2.0 / 4294967296.0) - 1) * most)) is { } noise ? x_BTD.Plus(noise) : x_BTD;
    }
}
