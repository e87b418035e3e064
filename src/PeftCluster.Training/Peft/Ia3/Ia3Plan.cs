using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Ia3;

/// <summary>(IA)³ (Liu et al., arXiv 2205.05638) of a model: one vector for each target, on its output or, for feed-forward modules, on its input.</summary>
public sealed class Ia3Plan : AdapterPlan
{
    private readonly IReadOnlyList<Ia3Target> _targets;
    private readonly Ia3Spec _spec;
    private readonly HashSet<string> _weights;

    /// <exception cref="BadInputException">A module that the model does not have, or that is no target.</exception>
    public Ia3Plan(Ia3Spec spec, ModelConfig model)
    {
        _spec = spec with
        {
            TargetModules = spec.TargetModules ?? [.. DefaultTargets.Ia3(model)],
            FeedforwardModules = spec.FeedforwardModules ?? [.. DefaultTargets.Ia3Feedforward(model)],
        };
        var layers = new TargetModules(_spec.TargetModules, _spec.ExcludeModules).In(model);
        _spec = _spec with { FanInFanOut = layers.Any(layer => layer.Transposed) };
        // Any end of a path, without a dot before it: PEFT reads feedforward_modules so, though not target_modules.
        _targets = [.. layers.Select(layer => new Ia3Target(layer, _spec.FeedforwardModules.Any(name => layer.Path.EndsWith(name, StringComparison.Ordinal))))];
        _weights = model.Weights.Keys.ToHashSet(StringComparer.Ordinal);
        RefuseStrangers(spec);
        Layout = VectorLayout.Of(_targets.Select(target => (target.Key, target.Shape, new ParameterGroup())));
    }

    public override MethodSpec Method => _spec;

    public override VectorLayout Layout { get; }

    public override string Summary => $"IA3 on {string.Join(", ", _targets.Select(target => TargetModules.Name(target.Layer)).Distinct())}";

    public override double Dropout => 0;

    /// <summary>Ones: the adapted model starts as the base. Without init_ia3_weights from N(0, 1), as PEFT.</summary>
    public override void Initialise(Span<float> vector, long seed, WeightLookup weights)
    {
        vector.Clear();
        for (var index = 0; index < Layout.Slices.Count; index++)
        {
            var slice = vector.Slice(Layout.Slices[index].Offset, Layout.Slices[index].Length);
            slice.Fill(1);
            if (_spec.InitIa3Weights)
                continue;
            var random = new PhiloxStream(seed, PhiloxPurpose.InitialValues, (ulong)index);
            foreach (ref var value in slice)
                value = (float)random.NextGaussian();
        }
    }

    // What l multiplies.
    internal override KeptNumbers KeptAround(LinearShape layer) => _targets.FirstOrDefault(target => target.Layer.Path == layer.Path) is { } target
        ? new KeptNumbers(target.OnInput ? layer.In : layer.Out)
        : default;

    public override Attachments Attach(TrainedVector vector, AdapterDropout dropout)
    {
        var targets = _targets.ToDictionary(target => target.Layer.Path, StringComparer.Ordinal);
        return new Attachments
        {
            Linear = (shape, plain) => targets.TryGetValue(shape.Path, out var target) ? new Ia3Linear(plain, vector[target.Key], target.OnInput) : plain,
        };
    }

    public override MergedWeights Merge(WeightLookup weights, ReadOnlySpan<float> adapter)
    {
        var vector = adapter.ToArray();
        var merged = new Dictionary<string, Func<Tensor>>(StringComparer.Ordinal);
        foreach (var target in _targets)
        {
            // [out, 1] scales the rows of W [out, in], [1, in] its columns. An output's scale takes the bias along.
            merged[target.Weight] = () => weights(target.Weight).mul(target.Layer.AsStored(Copy(Layout[target.Key], vector)));
            if (!target.OnInput && _weights.Contains(target.Bias))
                merged[target.Bias] = () => weights(target.Bias).mul(Copy(Layout[target.Key], vector).view(-1));
        }
        return new MergedWeights(weights, merged);
    }

    private void RefuseStrangers(Ia3Spec spec)
    {
        foreach (var name in spec.FeedforwardModules ?? [])
        {
            if (!_targets.Any(target => target.Layer.Path.EndsWith(name, StringComparison.Ordinal)))
                throw new BadInputException($"method.feedforward_modules: no target module of this model is named \"{name}\". Targets: {string.Join(", ", _targets.Select(target => TargetModules.Name(target.Layer)).Distinct())}.");
        }
    }
}

/// <summary>A layer and where its vector stands.</summary>
/// <param name="Layer">The linear layer.</param>
/// <param name="OnInput">Whether the vector rescales the layer's input; else its output.</param>
internal sealed record Ia3Target(LinearShape Layer, bool OnInput)
{
    public string Key => $"{AdapterFolder.KeyPrefix}{Layer.Path}{Ia3AdapterConfig.KeyEnd}";

    public string Weight => $"{Layer.Path}.weight";

    public string Bias => $"{Layer.Path}.bias";

    /// <summary>[1, in] or [out, 1].</summary>
    public IReadOnlyList<long> Shape => OnInput ? [1, Layer.In] : [Layer.Out, 1];
}
