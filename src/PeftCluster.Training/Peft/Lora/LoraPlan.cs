using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>
/// Low-rank adaptation (Hu et al., arXiv 2106.09685) of a model: for each target W (as [out, in]) a pair A [r, in], B [out, r], with DoRA a
/// length m [out] too. The vector holds them target after target.
/// </summary>
public sealed class LoraPlan : AdapterPlan
{
    private readonly IReadOnlyList<LoraTarget> _targets;
    private readonly Dictionary<string, VectorSlice> _slices;

    /// <exception cref="BadInputException">A target that the model does not have.</exception>
    public LoraPlan(LoraSpec spec, ModelConfig model)
    {
        var layers = new TargetModules(spec.TargetModules ?? DefaultTargets.Lora(model), spec.ExcludeModules, spec.LayersToTransform).In(model);
        Spec = spec with { FanInFanOut = layers.Any(layer => layer.Transposed) };
        _targets = [.. layers.Select(layer => LoraTarget.Of(layer, spec))];
        Layout = VectorLayout.Of(_targets.SelectMany(target => target.Tensors()));
        _slices = Layout.Slices.ToDictionary(slice => slice.Key, StringComparer.Ordinal);
    }

    public LoraSpec Spec { get; }

    public override MethodSpec Method => Spec;

    /// <summary>The distinct last parts of the targets' paths, in the order of the modules: what PEFT's configuration calls target_modules.</summary>
    public IReadOnlyList<string> Targets => [.. _targets.Select(target => TargetModules.Name(target.Layer)).Distinct()];

    public override VectorLayout Layout { get; }

    public override string Summary => string.Create(CultureInfo.InvariantCulture, $"{LoraMethod.Name(Spec)} r {Spec.R} on {string.Join(", ", Targets)}");

    public override double Dropout => Spec.LoraDropout;

    /// <summary>The s of each target, in the order of the modules.</summary>
    public IReadOnlyList<double> Scales => [.. _targets.Select(target => target.Scale)];

    /// <summary>
    /// A from U(−1/√in, 1/√in), which is PyTorch's kaiming_uniform with a = √5; B zero: the adapted model starts as the base. DoRA's m is
    /// the length of each row of W.
    /// </summary>
    public override void Initialise(Span<float> vector, long seed, WeightLookup weights)
    {
        vector.Clear();
        var stream = 0UL;
        foreach (var target in _targets)
        {
            LoraStart.Uniform(Part(vector, target.KeyOfA), target.Layer.In, new PhiloxStream(seed, PhiloxPurpose.InitialValues, stream));
            if (target.HasMagnitude)
                LoraStart.Lengths(Part(vector, target.KeyOfMagnitude), target.Layer.AsUsed(weights(target.Weight)));
            // Two slices a target, as long as there has been LoRA: another count would be another start for the same seed.
            stream += 2;
        }
    }

    internal override Attachments Attach(TrainedVector vector, AdapterDropout dropout)
    {
        var sites = _targets.Select((target, site) => (target.Layer.Path, (Target: target, Site: site))).ToDictionary(StringComparer.Ordinal);
        return new Attachments
        {
            Linear = (shape, plain) => sites.TryGetValue(shape.Path, out var found) ? Around(plain, found.Target, vector, dropout, found.Site) : plain,
        };
    }

    public override MergedWeights Merge(WeightLookup weights, ReadOnlySpan<float> adapter)
    {
        using var noGraph = no_grad();
        var merged = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var target in _targets)
        {
            using var scope = NewDisposeScope();
            var (a, b) = (Copy(_slices[target.KeyOfA], adapter), Copy(_slices[target.KeyOfB], adapter));
            var whole = b.mm(a).mul_(target.Scale).add_(target.Layer.AsUsed(weights(target.Weight)));
            if (target.HasMagnitude)
                whole.mul_((Copy(_slices[target.KeyOfMagnitude], adapter) / whole.norm(1)).unsqueeze(1));
            merged[target.Weight] = target.Layer.AsStored(whole).DetachFromDisposeScope();
        }
        return new MergedWeights(weights, merged);
    }

    private Span<float> Part(Span<float> vector, string key) => vector.Slice(_slices[key].Offset, _slices[key].Length);

    private static ILinear Around(IPlainLinear plain, LoraTarget target, TrainedVector vector, AdapterDropout dropout, int site)
    {
        var (a, b) = (vector[target.KeyOfA], vector[target.KeyOfB]);
        return target.HasMagnitude
            ? new DoraLinear(plain, a, b, vector[target.KeyOfMagnitude], target.Scale, dropout, site)
            : new LoraLinear(plain, a, b, target.Scale, dropout, site);
    }
}
