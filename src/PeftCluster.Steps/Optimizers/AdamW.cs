using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;

namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// AdamW on the adapter's vector: two moments of the same layout, one step in place (the formulas are
/// <see cref="AdamWSlice"/>'s). Long vectors are cut into pieces for several threads; elements do not meet, so the bits
/// are the same however many there are. Padding is never touched.
/// </summary>
public sealed class AdamW : Optimizer
{
    private const int PieceLength = 65_536;

    private readonly TrainingSpec _training;
    private readonly Piece[] _pieces;
    private readonly float[] _first;
    private readonly float[] _second;

    /// <summary>Moments of zero, as before the first step.</summary>
    public AdamW(VectorLayout layout, TrainingSpec training) : base(layout)
    {
        _training = training;
        _pieces = [.. layout.Slices.SelectMany(Pieces)];
        (_first, _second) = (new float[layout.Length], new float[layout.Length]);
    }

    /// <summary>m, the running mean of gradients, and v, that of their squares: <c>Layout.Length</c> floats each.</summary>
    public override IReadOnlyList<NamedVector> Vectors => [new(FirstMoment, _first), new(SecondMoment, _second)];

    public override void Apply(StepScalars scalars, ReadOnlyMemory<float> gradient, double clipFactor, Memory<float> adapter)
    {
        Check(gradient.Length);
        Check(adapter.Length);
        if (_pieces.Length > 1 && Layout.Length > PieceLength)
            Parallel.ForEach(_pieces, piece => Apply(piece, scalars, gradient, clipFactor, adapter));
        else
            foreach (var piece in _pieces)
                Apply(piece, scalars, gradient, clipFactor, adapter);
    }

    private void Apply(Piece piece, StepScalars scalars, ReadOnlyMemory<float> gradient, double clipFactor, Memory<float> adapter)
    {
        var rate = scalars.LearningRate * piece.Group.LearningRateFactor;
        var decay = piece.Group.WeightDecays ? _training.WeightDecay : 0;
        new AdamWSlice(clipFactor, rate, decay, scalars.Momentum ?? _training.AdamBeta1, _training.AdamBeta2, _training.AdamEpsilon, scalars).Apply(
            gradient.Span.Slice(piece.Offset, piece.Length),
            _first.AsSpan(piece.Offset, piece.Length),
            _second.AsSpan(piece.Offset, piece.Length),
            adapter.Span.Slice(piece.Offset, piece.Length));
    }

    private static IEnumerable<Piece> Pieces(VectorSlice slice)
    {
        for (var start = 0; start < slice.Length; start += PieceLength)
            yield return new Piece(slice.Offset + start, Math.Min(PieceLength, slice.Length - start), slice.Group);
    }

    private readonly record struct Piece(int Offset, int Length, ParameterGroup Group);
}
