using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;

namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum, term by term as torch.optim.SGD computes it in float32:
/// <code>
/// g ← g·clip + λ·p
/// b ← μ·b + g
/// p ← p − η·b, with Nesterov p − η·(g + μ·b), without momentum p − η·g
/// </code>
/// b begins at zero, which makes its first value g, as in torch. None of the operations is fused.
/// </summary>
public sealed class Sgd : Optimizer
{
    private readonly TrainingSpec _training;
    private readonly float[] _momentum;

    public Sgd(VectorLayout layout, TrainingSpec training) : base(layout)
    {
        _training = training;
        _momentum = training.Sgd.Momentum > 0 ? new float[layout.Length] : [];
    }

    /// <summary>b, where there is a momentum.</summary>
    public override IReadOnlyList<NamedVector> Vectors => _momentum.Length > 0 ? [new(FirstMoment, _momentum)] : [];

    public override void Apply(StepScalars scalars, ReadOnlyMemory<float> gradient, double clipFactor, Memory<float> adapter)
    {
        Check(gradient.Length);
        Check(adapter.Length);
        Parallel.ForEach(Layout.Slices, slice => Apply(slice, scalars, gradient.Span, (float)clipFactor, adapter.Span));
    }

    private void Apply(VectorSlice slice, StepScalars scalars, ReadOnlySpan<float> gradient, float clip, Span<float> adapter)
    {
        var rate = (float)(scalars.LearningRate * slice.Group.LearningRateFactor);
        var decay = slice.Group.WeightDecays ? (float)_training.WeightDecay : 0;
        var momentum = (float)(scalars.Momentum ?? _training.Sgd.Momentum);
        var (hasMomentum, nesterov) = (_momentum.Length > 0, _training.Sgd.Nesterov);
        for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
        {
            var g = gradient[i] * clip + decay * adapter[i];
            if (hasMomentum)
            {
                var b = _momentum[i] * momentum + g;
                _momentum[i] = b;
                g = nesterov ? g + b * momentum : b;
            }
            adapter[i] -= g * rate;
        }
    }
}
