using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// Adafactor (Shazeer, Stern, arXiv 1804.04235) as transformers computes it: a matrix's squared gradients are kept as one mean per row and one per column, so its state is
/// a hundredth of AdamW's. Tensors do not meet, so threads change no bit; means over a tensor are sums in double in one fixed order.
/// </summary>
public sealed class Adafactor : Optimizer
{
    private readonly TrainingSpec _training;
    private readonly AdafactorSlice[] _slices;
    private readonly float[] _updates;
    private readonly float[] _means;

    public Adafactor(VectorLayout layout, TrainingSpec training) : base(layout)
    {
        _training = training;
        var at = 0;
        _slices = [.. layout.Slices.Select(slice =>
        {
            var made = new AdafactorSlice(slice, at);
            at += made.MeansLength;
            return made;
        })];
        _means = new float[at];
        _updates = training.Adafactor.Beta1 is null ? [] : new float[layout.Length];
    }

    /// <summary>The running mean of updates where beta1 is set; and for each tensor in turn the means of its rows and of its columns, or of a vector its elements' own.</summary>
    public override IReadOnlyList<NamedVector> Vectors =>
        _updates.Length > 0 ? [new(FirstMoment, _updates), new(SecondMoment, _means)] : [new(SecondMoment, _means)];

    public override void Apply(StepScalars scalars, ReadOnlyMemory<float> gradient, double clipFactor, Memory<float> adapter)
    {
        Check(gradient.Length);
        Check(adapter.Length);
        Parallel.ForEach(_slices, slice => Apply(slice, scalars, gradient.Span, (float)clipFactor, adapter.Span));
    }

    private void Apply(AdafactorSlice slice, StepScalars scalars, ReadOnlySpan<float> gradient, float clip, Span<float> adapter)
    {
        var own = _training.Adafactor;
        var parameters = adapter.Slice(slice.Of.Offset, slice.Of.Length);
        var update = new float[slice.Of.Length];
        gradient.Slice(slice.Of.Offset, slice.Of.Length).CopyTo(update);
        foreach (ref var g in update.AsSpan())
            g *= clip;
        var scale = own.ScaleParameter ? Math.Max(own.Epsilon2, BlockSum.RootMeanSquare(parameters)) : 1;
        var rate = scale * scalars.LearningRate * slice.Of.Group.LearningRateFactor;
        slice.Divide(update, _means.AsSpan(slice.MeansAt, slice.MeansLength), scalars.BiasCorrection2, own.Epsilon1);
        var tooLarge = (float)Math.Max(1, BlockSum.RootMeanSquare(update) / own.ClipThreshold);
        foreach (ref var u in update.AsSpan())
            u = u / tooLarge * (float)rate;
        if (own.Beta1 is { } beta1)
            Smooth(update, _updates.AsSpan(slice.Of.Offset, slice.Of.Length), beta1);
        var decay = slice.Of.Group.WeightDecays ? (float)(-_training.WeightDecay * rate) : 0;
        for (var i = 0; i < update.Length; i++)
            parameters[i] = parameters[i] + parameters[i] * decay - update[i];
    }

    private static void Smooth(Span<float> update, Span<float> mean, double beta1)
    {
        var (kept, added) = ((float)beta1, (float)(1 - beta1));
        for (var i = 0; i < update.Length; i++)
            update[i] = mean[i] = mean[i] * kept + update[i] * added;
    }
}
