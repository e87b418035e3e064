using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Randomness;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>
/// What of an adapter is left out while training: elements of its inputs (with probability p an element becomes zero, else it is divided by 1 − p), rows of
/// its changes, changes of whole layers. Which ones, <see cref="MicroBatchRandomness"/> says. One per module tree; used on its device's thread. Off until a
/// micro-batch begins.
/// </summary>
public sealed class AdapterDropout(double probability, long seed)
{
    private readonly MicroBatchRandomness _inputs = new(seed, PhiloxPurpose.Dropout);
    private readonly MicroBatchRandomness _rows = new(seed, PhiloxPurpose.RowDropout);
    private readonly MicroBatchRandomness _layers = new(seed, PhiloxPurpose.LayerDropout);
    private readonly ulong _threshold = Threshold(probability);
    private readonly float _kept = (float)(1 / (1 - probability));

    /// <summary>From here on, inputs are those of this micro-batch.</summary>
    /// <param name="step">The step.</param>
    /// <param name="batch">The micro-batch.</param>
    /// <param name="owners">Of each answer choice the place of its row in the micro-batch, ascending; null: rows have no choices.</param>
    public void Begin(int step, MicroBatch batch, IReadOnlyList<int>? owners = null)
    {
        if (probability > 0)
            _inputs.Begin(step, batch, owners);
        _rows.Begin(step, batch, owners);
        _layers.Begin(step, batch, owners);
    }

    /// <summary>From here on, nothing is dropped.</summary>
    public void End()
    {
        _inputs.End();
        _rows.End();
        _layers.End();
    }

    /// <summary>Drops out elements of a site's input.</summary>
    /// <param name="x">[B, T, F], rows in the order of the micro-batch.</param>
    /// <param name="site">Which of the adapter's layers asks.</param>
    public Tensor Apply(Tensor x, int site) => _inputs.Like(x, site, bits => bits < _threshold ? 0 : _kept) is { } mask ? x * mask : x;

    /// <summary>Whether a site's whole change takes no part in this micro-batch.</summary>
    public bool Drops(int site, double chance) => chance > 0 && _layers.OfBatch(1, site, bits => bits < Threshold(chance) ? 1 : 0) is [1];

    /// <summary>Factors of the rows of a site's change, [rows]; null: all stay as they are.</summary>
    internal Tensor? Rows(long rows, int site, ChangeDropout shares)
    {
        if (shares.Rows == 0 || _rows.OfBatch((int)rows, site, bits => bits < Threshold(shares.Rows) ? 0 : 1) is not { } kept)
            return null;
        var stay = kept.Count(factor => factor == 1);
        // PEFT divides by the share that stays, which is no number where nothing does.
        return tensor(shares.Rescales && stay > 0 ? kept.Select(factor => factor * rows / stay).ToArray() : kept);
    }

    private static ulong Threshold(double chance) => (ulong)Math.Round(chance * (1UL << 32));
}
