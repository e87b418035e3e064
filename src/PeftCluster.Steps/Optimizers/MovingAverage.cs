using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;

namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// The exponential moving average of the adapter (EMA; Polyak, Juditsky 1992), which is then what is measured and exported. After the step that made version v, for each
/// element in float32:
/// <code>
/// d ← min(ema_decay, (1 + n) ÷ (10 + n)) with n = v − 1 − ema_update_after_step, but 0 while n ≤ 0
/// a ← a + (p − a)·(1 − d)
/// </code>
/// That is diffusers' EMAModel. It begins as a copy, so there is no bias to correct, and an average over few steps has a short memory. d is of additions, one division and a
/// comparison: the same on every host. Padding stays zero.
/// </summary>
internal sealed class MovingAverage(VectorLayout layout, TrainingSpec training, ReadOnlySpan<float> adapter)
{
    private readonly float[] _average = adapter.ToArray();

    /// <summary>The average; changed in place by the next step.</summary>
    public ReadOnlyMemory<float> Values => _average;

    public IReadOnlyList<NamedVector> Vectors => [new("average", _average)];

    /// <summary>d after the step that made a version.</summary>
    public static double DecayAt(TrainingSpec training, int version)
    {
        var n = (double)version - 1 - training.EmaUpdateAfterStep;
        return n <= 0 ? 0 : Math.Min(training.EmaDecay ?? 0, (1 + n) / (10 + n));
    }

    /// <summary>Takes a version in.</summary>
    public void Take(int version, ReadOnlyMemory<float> adapter)
    {
        var share = (float)(1 - DecayAt(training, version));
        Parallel.ForEach(layout.Slices, slice =>
        {
            var from = adapter.Span.Slice(slice.Offset, slice.Length);
            var into = _average.AsSpan(slice.Offset, slice.Length);
            if (share == 1)
                from.CopyTo(into);
            else
                for (var i = 0; i < into.Length; i++)
                    into[i] += (from[i] - into[i]) * share;
        });
    }
}
