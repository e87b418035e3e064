using System.Globalization;
using System.Runtime.InteropServices;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>
/// Any method's plan, and beside it weights of the model that are trained whole and saved with the adapter: those of modules (PEFT's
/// modules_to_save, a classifier's head) and biases. They stand behind the method's own tensors in the vector and begin as the base has them.
/// </summary>
internal sealed class SavedModules : AdapterPlan
{
    private readonly AdapterPlan _method;
    private readonly Dictionary<string, string> _keyOfWeight;

    private readonly string _what;

    private SavedModules(AdapterPlan method, IReadOnlyList<WholeWeight> weights, ModelConfig model)
    {
        _method = method;
        _keyOfWeight = weights.ToDictionary(weight => weight.Weight, weight => weight.Key, StringComparer.Ordinal);
        _what = method.WholeWeights.Count == 0 ? "the head" : string.Create(CultureInfo.InvariantCulture, $"{weights.Count} of the model's weights");
        Layout = Behind(method.Layout, weights.Select(weight => (weight.Key, model.Weights[weight.Weight], weight.Group)));
    }

    /// <summary>The plan as it is where neither the method nor the model's task trains weights whole.</summary>
    public static AdapterPlan Around(AdapterPlan method, ModelConfig model)
    {
        WholeWeight[] saved = [.. method.WholeWeights.Concat(Of(model, model.Task.SavedModules, _ => new ParameterGroup()).Where(weight => method.LeavesToTask(weight.Weight))).DistinctBy(weight => weight.Weight)];
        return saved.Length == 0 ? method : new SavedModules(method, saved, model);
    }

    /// <summary>The weights of modules.</summary>
    /// <param name="model">The model.</param>
    /// <param name="modules">Names: the end of a module's path, as with targets.</param>
    /// <param name="group">The group of a weight of a shape.</param>
    public static IEnumerable<WholeWeight> Of(ModelConfig model, IReadOnlyList<string> modules, Func<IReadOnlyList<long>, ParameterGroup> group) =>
        model.Weights.Where(weight => IsIn(weight.Key, modules)).Select(weight => new WholeWeight(weight.Key, AdapterFolder.KeyPrefix + weight.Key, group(weight.Value)));

    public override MethodSpec Method => _method.Method;

    public override VectorLayout Layout { get; }

    public override VectorLayout Frozen => _method.Frozen;

    public override string Summary => $"{_method.Summary}, and {_what}";

    public override double Dropout => _method.Dropout;

    public override int PlacesBefore => _method.PlacesBefore;

    public override bool CanMerge => _method.CanMerge;

    public override void Initialise(Span<float> vector, long seed, WeightLookup weights)
    {
        vector.Clear();
        _method.Initialise(vector[.._method.Layout.Length], seed, weights);
        foreach (var (weight, key) in _keyOfWeight)
            MemoryMarshal.Cast<byte, float>(weights(weight).bytes).CopyTo(Layout.Of(vector, key));
    }

    public override void FillFrozen(Span<float> frozen, WeightLookup weights) => _method.FillFrozen(frozen, weights);

    public override ExportedAdapter Exported(ReadOnlyMemory<float> adapter, ReadOnlyMemory<float> frozen)
    {
        var inner = _method.Exported(adapter[.._method.Layout.Length], frozen);
        var layout = Behind(inner.Layout, _keyOfWeight.Values.Select(key => (key, Layout[key].Shape, Layout[key].Group)));
        var vector = new float[layout.Length];
        inner.Vector.Span.CopyTo(vector);
        foreach (var key in _keyOfWeight.Values)
            adapter.Span.Slice(Layout[key].Offset, Layout[key].Length).CopyTo(layout.Of(vector, key));
        return new ExportedAdapter(inner.Method, layout, vector);
    }

    public override MergedWeights Merge(WeightLookup weights, ReadOnlySpan<float> adapter)
    {
        var copies = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (weight, key) in _keyOfWeight)
            copies[weight] = Copy(Layout[key], adapter).DetachFromDisposeScope();
        return new MergedWeights(_method.Merge(weights, adapter[.._method.Layout.Length]), copies);
    }

    public override Attachments Attach(TrainedVector vector, AdapterDropout dropout)
    {
        var inner = _method.Attach(vector, dropout);
        return inner with { Weights = name => _keyOfWeight.TryGetValue(name, out var key) ? vector[key] : inner.Weights?.Invoke(name) };
    }

    private static VectorLayout Behind(VectorLayout first, IEnumerable<(string Key, IReadOnlyList<long> Shape, ParameterGroup Group)> more) => VectorLayout.Of(
        [.. first.Slices.Select(slice => (slice.Key, slice.Shape, slice.Group)), .. more]);

    // A module's name is the end of its path, as with targets.
    private static bool IsIn(string weight, IReadOnlyList<string> modules)
    {
        for (var end = weight.LastIndexOf('.'); end > 0; end = weight.LastIndexOf('.', end - 1))
        {
            if (modules.Any(name => weight[..end] == name || weight[..end].EndsWith("." + name, StringComparison.Ordinal)))
                return true;
        }
        return false;
    }
}
