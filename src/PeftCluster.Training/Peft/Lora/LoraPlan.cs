using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>
/// Low-rank adaptation (Hu et al., arXiv 2106.09685) of a model: for each target W (as [out, in]) a pair A [r, in], B [out, r]. The vector
/// holds A, then B, target after target.
/// </summary>
public sealed class LoraPlan : AdapterPlan
{
    private readonly IReadOnlyList<LinearShape> _targets;

    /// <exception cref="BadInputException">A target that the model does not have.</exception>
    public LoraPlan(LoraSpec spec, ModelConfig model)
    {
        _targets = TargetModules.Of(model, spec.TargetModules ?? DefaultTargets.Lora(model));
        Spec = spec with { FanInFanOut = _targets.Any(target => target.Transposed) };
        Layout = VectorLayout.Of(_targets.SelectMany(target => new (string, IReadOnlyList<long>, ParameterGroup)[]
        {
            (KeyOfA(target), [spec.R, target.In], new ParameterGroup()),
            (KeyOfB(target), [target.Out, spec.R], new ParameterGroup()),
        }));
    }

    public LoraSpec Spec { get; }

    public override MethodSpec Method => Spec;

    /// <summary>The distinct last parts of the targets' paths, in the order of the modules: what PEFT's configuration calls target_modules.</summary>
    public IReadOnlyList<string> Targets => [.. _targets.Select(TargetModules.Name).Distinct()];

    public override VectorLayout Layout { get; }

    public override string Summary => string.Create(CultureInfo.InvariantCulture,
        $"{(Spec.UseRslora ? "rsLoRA" : "LoRA")} r {Spec.R} on {string.Join(", ", Targets)}");

    public override double Dropout => Spec.LoraDropout;

    /// <summary>s = α ÷ r, or α ÷ √r with rank-stabilised scaling (arXiv 2312.03732).</summary>
    public double Scale => Spec.LoraAlpha / (Spec.UseRslora ? Math.Sqrt(Spec.R) : Spec.R);

    /// <summary>A from U(−1/√in, 1/√in), which is PyTorch's kaiming_uniform with a = √5; B zero: the adapted model starts as the base.</summary>
    public override void Initialise(Span<float> vector, long seed)
    {
        vector.Clear();
        for (var index = 0; index < Layout.Slices.Count; index += 2)
        {
            var slice = Layout.Slices[index];
            var random = new PhiloxStream(seed, PhiloxPurpose.InitialValues, (ulong)index);
            var bound = 1 / Math.Sqrt(slice.Shape[1]);
            foreach (ref var value in vector.Slice(slice.Offset, slice.Length))
                value = (float)((2 * random.NextDouble() - 1) * bound);
        }
    }

    internal override Attachments Attach(TrainedVector vector, AdapterDropout dropout)
    {
        var sites = _targets.Select((target, site) => (target.Path, site)).ToDictionary(StringComparer.Ordinal);
        return new Attachments
        {
            Linear = (shape, plain) => sites.TryGetValue(shape.Path, out var site)
                ? new LoraLinear(plain, vector[KeyOfA(shape)], vector[KeyOfB(shape)], Scale, dropout, site)
                : plain,
        };
    }

    public override MergedWeights Merge(WeightLookup weights, ReadOnlySpan<float> adapter)
    {
        using var noGraph = no_grad();
        var merged = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (var site = 0; site < _targets.Count; site++)
        {
            using var scope = NewDisposeScope();
            var name = $"{_targets[site].Path}.weight";
            var (a, b) = (Copy(Layout.Slices[2 * site], adapter), Copy(Layout.Slices[2 * site + 1], adapter));
            merged[name] = weights(name).add(_targets[site].AsStored(b.mm(a).mul_(Scale))).DetachFromDisposeScope();
        }
        return new MergedWeights(weights, merged);
    }

    private static string KeyOfA(LinearShape target) => $"base_model.model.{target.Path}.lora_A.weight";

    private static string KeyOfB(LinearShape target) => $"base_model.model.{target.Path}.lora_B.weight";
}
