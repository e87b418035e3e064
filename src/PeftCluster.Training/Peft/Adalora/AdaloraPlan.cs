using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Adalora;

/// <summary>
/// AdaLoRA of a model. Training keeps every layer at init_r and sets E to zero where a rank is pruned; a file holds only the ranks that are left, as PEFT writes it, and a plan of such a file has those.
/// </summary>
public sealed class AdaloraPlan : ChangePlan
{
    private readonly AdaloraSpec _spec;
    private readonly IReadOnlyList<AdaloraLayer> _adapted;
    private readonly (string Key, bool IsB)[] _matrices;

    /// <exception cref="BadInputException">A target that the model does not have.</exception>
    public AdaloraPlan(AdaloraSpec spec, ModelConfig model)
        : this(spec, [.. new TargetModules(spec.TargetModules ?? DefaultTargets.Adalora(model), spec.ExcludeModules, spec.LayersToTransform, spec.LayersPattern).In(model)
            .Select(layer => new AdaloraLayer(layer, RankOf(spec, layer.Path), spec.LoraAlpha / (spec.InitR + 1e-5)))])
    {
    }

    private AdaloraPlan(AdaloraSpec spec, IReadOnlyList<AdaloraLayer> layers) : base(layers)
    {
        _adapted = layers;
        _spec = spec with { FanInFanOut = layers.Any(layer => layer.Layer.Transposed) };
        _matrices = [.. layers.SelectMany(layer => new[] { (layer.Key(AdaloraLayer.A), false), (layer.Key(AdaloraLayer.B), true) })];
    }

    public override MethodSpec Method => _spec;

    public override string Summary => string.Create(CultureInfo.InvariantCulture, $"AdaLoRA r {_spec.InitR} → {_spec.TargetR} on {Targets}");

    public override double Dropout => _spec.LoraDropout;

    // A layer's tensors lie in the order of AdaloraLayer.Tensors. A file whose ranks are allocated is not pruned again.
    public override RankAllocation? Allocation => _spec is not { KeptRanks: null, TotalStep: { } steps } ? null : new RankAllocation(
        [.. _adapted.Select((_, layer) => new RankTriplet(3 * layer, 3 * layer + 1, 3 * layer + 2))],
        _spec.TargetR, _spec.Tinit, _spec.Tfinal, _spec.DeltaT, steps, _spec.Beta1, _spec.Beta2);

    internal override double AddAdapterLoss(TrainedVector vector) => Orthogonality.Add(vector, _matrices, _spec.OrthRegWeight);

    /// <summary>
    /// The ranks whose E is not zero. Unlike PEFT's, a rank that a pruning took and that has learnt since is kept: so the file computes what was measured. An adapter that has learnt nothing, all of whose E are zero, is written whole.
    /// </summary>
    public override ExportedAdapter Exported(ReadOnlyMemory<float> adapter, ReadOnlyMemory<float> frozen)
    {
        var kept = _adapted.Select(layer => Kept(Slice(layer, AdaloraLayer.E, adapter.Span))).ToArray();
        if (_spec.KeptRanks is not null || kept.All(ranks => ranks.All(rank => rank == 1)) || kept.All(ranks => ranks.All(rank => rank == 0)))
            return base.Exported(adapter, frozen);
        var pruned = new AdaloraPlan(
            _spec with { KeptRanks = new(_adapted.Zip(kept, (layer, ranks) => KeyValuePair.Create(layer.Layer.Path, new ValueList<int>(ranks)))) },
            [.. _adapted.Zip(kept, (layer, ranks) => layer with { Rank = ranks.Sum() })]);
        var vector = new float[pruned.Layout.Length];
        foreach (var (layer, ranks) in _adapted.Zip(kept))
            foreach (var part in layer.Tensors.Select(tensor => tensor.Part))
                Copy(Slice(layer, part, adapter.Span), pruned.Layout.Of(vector, layer.Key(part)), ranks, byColumn: part == AdaloraLayer.B);
        return new ExportedAdapter(pruned.Method, pruned.Layout, vector);
    }

    private ReadOnlySpan<float> Slice(AdaloraLayer layer, string part, ReadOnlySpan<float> adapter) =>
        adapter.Slice(Layout[layer.Key(part)].Offset, Layout[layer.Key(part)].Length);

    private static int[] Kept(ReadOnlySpan<float> values)
    {
        var kept = new int[values.Length];
        for (var rank = 0; rank < kept.Length; rank++)
            kept[rank] = values[rank] == 0 ? 0 : 1;
        return kept;
    }

    private static void Copy(ReadOnlySpan<float> from, Span<float> into, int[] ranks, bool byColumn)
    {
        var (width, next) = (from.Length / ranks.Length, 0);
        for (var i = 0; i < from.Length; i++)
            if (ranks[byColumn ? i % ranks.Length : i / width] == 1)
                into[next++] = from[i];
    }

    private static int RankOf(AdaloraSpec spec, string path)
    {
        foreach (var (module, ranks) in spec.KeptRanks ?? [])
            if (module == path)
                return ranks.Sum();
        return spec.InitR;
    }
}
