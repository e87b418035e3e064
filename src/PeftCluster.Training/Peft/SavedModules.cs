using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

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
        _what = weights.All(weight => IsIn(weight.Weight, model.Task.SavedModules)) ? "the head" : string.Create(CultureInfo.InvariantCulture, $"{weights.Count} of the model's weights");
        Layout = Behind(method.Layout, weights.Select(weight => (weight.Key, model.Weights[weight.Weight], weight.Group)));
    }

    /// <summary>The plan as it is where neither the method nor the model's task trains weights whole.</summary>
    public static AdapterPlan Around(AdapterPlan method, ModelConfig model)
    {
        var named = method.Method is ISavesModules { ModulesToSave: { } modules } and not LoraSpec ? Named(method, model, modules) : [];
        var ofTask = Of(model, model.Task.SavedModules, method.SavedPrefix, _ => new ParameterGroup()).Where(weight => method.LeavesToTask(weight.Weight));
        WholeWeight[] saved = [.. method.WholeWeights.Concat(named).Concat(ofTask).DistinctBy(weight => weight.Weight)];
        return saved.Length == 0 ? method : new SavedModules(method, saved, model);
    }

    /// <summary>The weights of modules.</summary>
    /// <param name="model">The model.</param>
    /// <param name="modules">Names: the end of a module's path, as with targets.</param>
    /// <param name="prefix">What stands before their names in the adapter's file.</param>
    /// <param name="group">The group of a weight of a shape.</param>
    public static IEnumerable<WholeWeight> Of(ModelConfig model, IReadOnlyList<string> modules, string prefix, Func<IReadOnlyList<long>, ParameterGroup> group) =>
        model.Weights.Where(weight => IsIn(weight.Key, modules)).Select(weight => new WholeWeight(weight.Key, prefix + weight.Key, group(weight.Value)));

    /// <summary>Refuses names of method.modules_to_save that cannot be trained whole.</summary>
    /// <param name="model">The model.</param>
    /// <param name="modules">The names.</param>
    /// <param name="adapted">Paths of the modules that the method adapts.</param>
    /// <exception cref="BadInputException">A module that the model does not have, that is adapted too, or that shares its weight with the head.</exception>
    public static void Check(ModelConfig model, IEnumerable<string> modules, IReadOnlyList<string> adapted)
    {
        foreach (var name in modules)
        {
            var saved = model.Weights.Keys.Where(weight => IsIn(weight, [name])).ToHashSet(StringComparer.Ordinal);
            if (saved.Count == 0)
                throw new BadInputException($"method.modules_to_save: no module of this model with weights of its own is named \"{name}\". A head that shares the embedding's has none.");
            if (adapted.FirstOrDefault(path => saved.Contains($"{path}.weight")) is { } both)
                throw new BadInputException($"method.modules_to_save: \"{name}\" is a target of the adapter too ({both}). Name it in one of target_modules and modules_to_save.");
            if (saved.Contains($"{model.EmbeddingPath}.weight") && model.SharesHead)
                throw new BadInputException($"method.modules_to_save: \"{name}\" is shared with the output head in this model, and files of PEFT take the two apart. Leave it out.");
        }
    }

    private static IEnumerable<WholeWeight> Named(AdapterPlan method, ModelConfig model, IReadOnlyList<string> modules)
    {
        // A key of the method's own names the module that it belongs to.
        var keys = method.Layout.Slices.Select(slice => slice.Key).ToList();
        Check(model, modules, [.. model.Linears.Select(linear => linear.Path).Where(path => keys.Exists(key => key.StartsWith($"{AdapterFolder.KeyPrefix}{path}.", StringComparison.Ordinal)))]);
        return Of(model, modules, method.SavedPrefix, _ => new ParameterGroup());
    }

    public override MethodSpec Method => _method.Method;

    public override VectorLayout Layout { get; }

    public override VectorLayout Frozen => _method.Frozen;

    public override string Summary => $"{_method.Summary}, and {_what}";

    public override double Dropout => _method.Dropout;

    internal override KeptNumbers KeptAround(LinearShape layer) => _method.KeptAround(layer);

    internal override KeptNumbers KeptBehind(int layer) => _method.KeptBehind(layer);

    public override int PlacesBefore => _method.PlacesBefore;

    public override bool CanMerge => _method.CanMerge;

    public override RankAllocation? Allocation => _method.Allocation;

    internal override double AddAdapterLoss(TrainedVector vector) => _method.AddAdapterLoss(vector);

    public override void Initialise(Span<float> vector, long seed, WeightLookup weights)
    {
        vector.Clear();
        _method.Initialise(vector[.._method.Layout.Length], seed, weights);
        foreach (var (weight, key) in _keyOfWeight)
            weights(weight).CopyNumbersTo(Layout.Of(vector, key));
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
        var vector = adapter.ToArray();
        // The method may change a weight that is trained too (lora_bias a trained bias): then it adds to the trained one.
        var below = _method.Merge(name => _keyOfWeight.TryGetValue(name, out var key) ? Copy(Layout[key], vector) : weights(name), adapter[.._method.Layout.Length]);
        var changed = below.Changed;
        return new MergedWeights(below, _keyOfWeight.Where(pair => !changed.Contains(pair.Key))
            .ToDictionary(pair => pair.Key, pair => Copy(Layout[pair.Value], vector).DetachFromDisposeScope(), StringComparer.Ordinal));
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
