using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft;
using static TorchSharp.torch;

namespace ExamplePlugin;

/// <summary>SSF of a model: two vectors for each target.</summary>
internal sealed class SsfPlan : AdapterPlan
{
    public const string Scale = ".ssf_scale", Shift = ".ssf_shift";

    private readonly SsfSpec _spec;
    private readonly IReadOnlyList<LinearShape> _targets;

    /// <exception cref="BadInputException">A target that the model does not have.</exception>
    public SsfPlan(SsfSpec spec, ModelConfig model)
    {
        (_spec, _targets) = (spec, new TargetModules(spec.TargetModules).In(model));
        Layout = VectorLayout.Of(_targets.SelectMany(layer => new[] { Scale, Shift }.Select(part => (Key(layer, part), (IReadOnlyList<long>)[layer.Out], new ParameterGroup()))));
    }

    public override MethodSpec Method => _spec;

    public override VectorLayout Layout { get; }

    public override string Summary => $"SSF on {string.Join(", ", _targets.Select(TargetModules.Name).Distinct())}";

    public override double Dropout => 0;

    /// <summary>Random numbers come from the seed and the slice's number, so every worker draws the same ones.</summary>
    public override void Initialise(Span<float> vector, long seed, WeightLookup weights)
    {
        vector.Clear();
        foreach (var (number, slice) in Layout.Slices.Index())
        {
            var random = new PhiloxStream(seed, PhiloxPurpose.InitialValues, (ulong)number);
            foreach (ref var value in Layout.Of(vector, slice.Key))
                value = (float)((slice.Key.EndsWith(Scale, StringComparison.Ordinal) ? 1 : 0) + random.NextGaussian() * _spec.InitStd);
        }
    }

    public override Attachments Attach(TrainedVector vector, AdapterDropout dropout) => new()
    {
        Linear = (layer, plain) => _targets.Any(target => target.Path == layer.Path)
            ? new SsfLinear(plain, vector[Key(layer, Scale)], vector[Key(layer, Shift)])
            : plain,
    };

    // β becomes a part of a bias, and most layers of a language model have none.
    public override bool CanMerge => _targets.All(layer => layer.Bias);

    public override MergedWeights Merge(WeightLookup weights, ReadOnlySpan<float> adapter)
    {
        if (!CanMerge)
            throw new BadInputException("method.type: ssf cannot be merged: a target has no bias that could take the shift. Choose targets with a bias.");
        var (vector, merged) = (adapter.ToArray(), new Dictionary<string, Func<Tensor>>(StringComparer.Ordinal));
        foreach (var layer in _targets)
        {
            merged[$"{layer.Path}.weight"] = () => weights($"{layer.Path}.weight") * layer.AsStored(Part(layer, Scale).unsqueeze(1));
            merged[$"{layer.Path}.bias"] = () => (weights($"{layer.Path}.bias") * Part(layer, Scale)).Plus(Part(layer, Shift));
        }
        return new MergedWeights(weights, merged);

        Tensor Part(LinearShape layer, string part) => Copy(Layout[Key(layer, part)], vector);
    }

    private static string Key(LinearShape layer, string part) => $"{AdapterFolder.KeyPrefix}{layer.Path}{part}";
}
