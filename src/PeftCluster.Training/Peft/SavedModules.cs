using System.Runtime.InteropServices;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>
/// Any method's plan, and beside it modules of the model that are trained whole and saved with the adapter (PEFT's modules_to_save): a
/// classifier's head. Their tensors stand behind the method's own in the vector, begin as the base has them, and keep their names in files.
/// </summary>
internal sealed class SavedModules : AdapterPlan
{
    private readonly AdapterPlan _method;
    private readonly Dictionary<string, string> _keyOfWeight;

    private SavedModules(AdapterPlan method, IReadOnlyList<KeyValuePair<string, IReadOnlyList<long>>> weights)
    {
        _method = method;
        _keyOfWeight = weights.ToDictionary(weight => weight.Key, weight => AdapterFolder.KeyPrefix + weight.Key, StringComparer.Ordinal);
        Layout = Behind(method.Layout, weights.Select(weight => (_keyOfWeight[weight.Key], weight.Value)));
    }

    /// <summary>The plan as it is where the model's task saves no modules.</summary>
    public static AdapterPlan Around(AdapterPlan method, ModelConfig model)
    {
        KeyValuePair<string, IReadOnlyList<long>>[] saved = [.. model.Weights.Where(weight => IsIn(weight.Key, model.Task.SavedModules))];
        return saved.Length == 0 ? method : new SavedModules(method, saved);
    }

    public override MethodSpec Method => _method.Method;

    public override VectorLayout Layout { get; }

    public override VectorLayout Frozen => _method.Frozen;

    public override string Summary => $"{_method.Summary}, and the head";

    public override double Dropout => _method.Dropout;

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
        var layout = Behind(inner.Layout, _keyOfWeight.Values.Select(key => (key, Layout[key].Shape)));
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

    internal override Attachments Attach(TrainedVector vector, AdapterDropout dropout)
    {
        var inner = _method.Attach(vector, dropout);
        return inner with { Weights = name => _keyOfWeight.TryGetValue(name, out var key) ? vector[key] : inner.Weights?.Invoke(name) };
    }

    private static VectorLayout Behind(VectorLayout first, IEnumerable<(string Key, IReadOnlyList<long> Shape)> more) => VectorLayout.Of(
        [.. first.Slices.Select(slice => (slice.Key, slice.Shape, slice.Group)), .. more.Select(one => (one.Key, one.Shape, new ParameterGroup()))]);

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
