using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Peft.Ia3;

namespace PeftCluster.Training.Combining;

/// <summary>
/// IA3 adapters as one, exactly PEFT's <c>IA3Model.add_weighted_adapter</c>: l = Σ wᵢ lᵢ over the adapters that have the module. A vector of ones
/// changes nothing, so weights that do not sum to 1 rescale the base itself.
/// </summary>
internal sealed class Ia3Combination
{
    private readonly CombinationSpec _spec;
    private readonly IReadOnlyList<AdapterFolder> _adapters;
    private readonly IReadOnlyList<(int Adapter, SafetensorsEntry Entry)[]> _vectors;

    /// <exception cref="BadInputException">The adapters cannot be combined so.</exception>
    public Ia3Combination(CombinationSpec spec, IReadOnlyList<AdapterFolder> adapters)
    {
        if (spec.Type != CombinationType.Linear)
            throw new BadInputException($"--method: IA3 adapters combine linearly only, as in PEFT, not by {spec.Type.Name}. Take linear.");
        (_spec, _adapters) = (spec, adapters);
        var specs = adapters.Select(adapter => (Ia3Spec)adapter.Method).ToArray();
        foreach (var (index, adapter) in adapters.Index())
        {
            Adapters.RefuseBeside(adapter, adapter.Weights.Tensors.Select(tensor => tensor.Name).Where(name => name.EndsWith(Ia3AdapterConfig.KeyEnd, StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal));
            if (!Equals(specs[index].ExcludeModules, specs[0].ExcludeModules))
                throw new BadInputException($"{adapter.Config.Path}: exclude_modules differs from the first adapter's, and one configuration cannot say both. Name whole paths in target_modules instead.");
        }
        _vectors = [.. adapters.SelectMany((adapter, index) => adapter.Weights.Tensors.Where(entry => !AdapterWeights.IsBase(entry.Name)).Select(entry => (index, entry))).GroupBy(pair => pair.entry.Name).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => group.ToArray())];
        foreach (var (adapter, entry) in _vectors.SelectMany(vectors => vectors.Where(one => !one.Entry.Shape.SequenceEqual(vectors[0].Entry.Shape))))
            throw new BadInputException($"{adapters[adapter].Weights.Path}: \"{entry.Name}\" has shape [{string.Join(", ", entry.Shape)}], another adapter's differs. Combine adapters of one base model, with the same feedforward_modules.");
        Method = specs[0] with
        {
            TargetModules = Adapters.Together(adapters, [.. specs.Select(one => one.TargetModules!)]),
            FeedforwardModules = [.. specs.SelectMany(one => one.FeedforwardModules ?? []).Distinct(StringComparer.Ordinal)],
        };
        Layout = VectorLayout.Of(_vectors.Select(vectors => (vectors[0].Entry.Name, vectors[0].Entry.Shape, new ParameterGroup())));
    }

    /// <summary>What the new adapter is.</summary>
    public Ia3Spec Method { get; }

    /// <summary>Its tensors.</summary>
    public VectorLayout Layout { get; }

    /// <summary>A line where the base itself is rescaled; else null.</summary>
    public string? Warning => _vectors.Select(vectors => (Key: vectors[0].Entry.Name, Sum: vectors.Sum(one => _spec.Weights[one.Adapter]))).FirstOrDefault(one => Math.Abs(one.Sum - 1) > 1e-6) is { Key: { } key, Sum: var sum }
        ? string.Create(CultureInfo.InvariantCulture, $"the weights that meet in \"{key}\" sum to {sum:0.###}, so the base's own values are multiplied by that: IA3 changes nothing at 1.")
        : null;

    /// <summary>Its numbers, Layout.Length floats.</summary>
    /// <exception cref="BadInputException">A number of a file is not finite.</exception>
    public float[] Compute()
    {
        var vector = new float[Layout.Length];
        foreach (var vectors in _vectors)
        {
            var sum = Layout.Of(vector, vectors[0].Entry.Name);
            foreach (var (adapter, entry) in vectors)
            {
                var numbers = _adapters[adapter].Weights.FiniteNumbersOf(entry);
                for (var index = 0; index < sum.Length; index++)
                    sum[index] += numbers[index] * (float)_spec.Weights[adapter];
            }
        }
        return vector;
    }
}
