using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Vera;

/// <summary>
/// VeRA of a model. A [r, in] and B [out, r], for the largest in and out among the targets, are drawn from U(−√(6 ÷ n), √(6 ÷ n)) for rows of n numbers, A first,
/// as PEFT draws them from the same key.
/// </summary>
public sealed class VeraPlan : ChangePlan
{
    private readonly VeraSpec _spec;

    /// <exception cref="BadInputException">A target that the model does not have.</exception>
    public VeraPlan(VeraSpec spec, ModelConfig model)
        : this(spec, new TargetModules(spec.TargetModules ?? DefaultTargets.Lora(model), null, spec.LayersToTransform, spec.LayersPattern).In(model))
    {
    }

    private VeraPlan(VeraSpec spec, IReadOnlyList<LinearShape> layers)
        : base([.. layers.Select(layer => new VeraLayer(layer, spec.R, spec.DInitial))])
    {
        _spec = spec with { FanInFanOut = layers.Any(layer => layer.Transposed) };
        Frozen = Projections(spec.R, layers.Max(layer => layer.In), layers.Max(layer => layer.Out));
    }

    public override MethodSpec Method => _spec;

    public override VectorLayout Frozen { get; }

    public override string Summary => string.Create(CultureInfo.InvariantCulture, $"VeRA r {_spec.R} on {Targets}");

    public override double Dropout => _spec.VeraDropout;

    public override void FillFrozen(Span<float> frozen, WeightLookup weights) => Draw(Frozen, frozen, _spec.ProjectionPrngKey);

    public override ExportedAdapter Exported(ReadOnlyMemory<float> adapter, ReadOnlyMemory<float> frozen)
    {
        if (!_spec.SaveProjection)
            return base.Exported(adapter, frozen);
        var layout = VectorLayout.Of(Layout.Slices.Concat(Frozen.Slices).Select(slice => (slice.Key, slice.Shape, slice.Group)));
        var both = new float[layout.Length];
        adapter.CopyTo(both);
        frozen.CopyTo(both.AsMemory(layout[VeraLayer.A].Offset));
        return new ExportedAdapter(Method, layout, both);
    }

    /// <summary>The layout of A and B.</summary>
    internal static VectorLayout Projections(long rank, long widest, long tallest) =>
        VectorLayout.Of([(VeraLayer.A, [rank, widest], new ParameterGroup()), (VeraLayer.B, [tallest, rank], new ParameterGroup())]);

    /// <summary>Fills A and B.</summary>
    internal static void Draw(VectorLayout layout, Span<float> values, int key)
    {
        var random = new TorchUniform((uint)key);
        foreach (var slice in layout.Slices)
            random.Fill(layout.Of(values, slice.Key), Math.Sqrt(3) * (Math.Sqrt(2) / Math.Sqrt(slice.Shape[1])));
    }
}
