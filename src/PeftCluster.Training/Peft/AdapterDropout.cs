using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Randomness;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>
/// Dropout of an adapter's inputs: with probability p an element becomes zero, else it is divided by 1 − p. Which ones, <see cref="MicroBatchRandomness"/> says.
/// One per module tree; used on its device's thread. Off until a micro-batch begins.
/// </summary>
public sealed class AdapterDropout(double probability, long seed)
{
    private readonly MicroBatchRandomness _random = new(seed, PhiloxPurpose.Dropout);
    private readonly ulong _threshold = (ulong)Math.Round(probability * (1UL << 32));
    private readonly float _kept = (float)(1 / (1 - probability));

    /// <summary>From here on, inputs are those of this micro-batch.</summary>
    public void Begin(int step, MicroBatch batch)
    {
        if (probability > 0)
            _random.Begin(step, batch);
    }

    /// <summary>From here on, nothing is dropped.</summary>
    public void End() => _random.End();

    /// <summary>Drops out elements of a site's input.</summary>
    /// <param name="x">[B, T, F], rows in the order of the micro-batch.</param>
    /// <param name="site">Which of the adapter's layers asks.</param>
    public Tensor Apply(Tensor x, int site) => _random.Like(x, site, bits => bits < _threshold ? 0 : _kept) is { } mask ? x * mask : x;
}
