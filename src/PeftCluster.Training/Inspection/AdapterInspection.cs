using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Peft.Lora;
using static TorchSharp.torch;

namespace PeftCluster.Training.Inspection;

/// <summary>Looks into an adapter's folder, of any method that is read here and whoever made it. Tensors pass one at a time.</summary>
public static class AdapterInspection
{
    /// <summary>What there is. Call it on a device's thread.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="warn">Takes what a user should read once, a line each.</param>
    /// <param name="cancellation">Polled between tensors.</param>
    /// <exception cref="BadInputException">A file is missing or bad, or the adapter is of a kind that is not supported.</exception>
    public static AdapterFacts Of(string folder, Action<string> warn, CancellationToken cancellation)
    {
        var adapter = AdapterFolder.Open(folder, warn);
        var tensors = new List<TensorFacts>();
        foreach (var entry in adapter.Weights.Tensors.OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            tensors.Add(TensorFacts.Of(entry, adapter.Weights.NumbersOf(entry)));
        }
        var method = PeftMethods.Of(adapter.Method);
        var untrained = method.Untrained(adapter.Method, adapter.Weights.Tensors)?.Layout.Slices.Select(slice => slice.Key).ToHashSet(StringComparer.Ordinal) ?? [];
        return new AdapterFacts(
            folder, adapter.Method.Type, method.Describe(adapter.Method), adapter.BaseModel, adapter.Task?.Name, MadeBy(folder, adapter.Config),
            tensors.Where(tensor => !untrained.Contains(tensor.Name) && !AdapterWeights.IsBase(tensor.Name)).Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size)),
            FileOf(adapter.Weights), tensors, Changes(adapter, cancellation), [.. Warnings(tensors, method.Neutral(adapter.Method))], adapter.Config.Values);
    }

    /// <summary>Whether what LoRA adds to a weight follows from the file alone.</summary>
    internal static bool HasChanges(AdapterFolder adapter) => adapter.Method is LoraSpec { UseDora: false, StartsFromBase: false };

    private static WeightFileFacts FileOf(AdapterWeights weights)
    {
        using var stream = File.OpenRead(weights.Path);
        return new WeightFileFacts(
            Path.GetFileName(weights.Path), stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)),
            [.. weights.Tensors.Select(tensor => tensor.Type.ToString()).Distinct().Order(StringComparer.Ordinal)]);
    }

    private static List<ChangeFacts> Changes(AdapterFolder adapter, CancellationToken cancellation)
    {
        var changes = new List<ChangeFacts>();
        foreach (var pair in HasChanges(adapter) ? LoraPair.Of(adapter) : [])
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var size = Magnitude.Of(MemoryMarshal.Cast<byte, float>(pair.Change(adapter.Weights).bytes));
            changes.Add(new ChangeFacts(pair.Path, pair.Rank, pair.Scale, [pair.Out, pair.In], size.Norm, size.Largest));
        }
        return changes;
    }

    private static IEnumerable<string> Warnings(List<TensorFacts> tensors, IReadOnlyDictionary<string, float> neutral)
    {
        TensorFacts[] broken = [.. tensors.Where(tensor => tensor.NotFinite > 0)];
        if (broken.Length > 0)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{broken.Length:N0} of {tensors.Count:N0} tensors hold numbers that are not finite (NaN or infinity), the first \"{broken[0].Name}\". Such an adapter cannot be used.");
        var ends = tensors.Select(tensor => (Tensor: tensor, End: neutral.Keys.FirstOrDefault(end => tensor.Name.EndsWith(end, StringComparison.Ordinal)))).Where(pair => pair.End is not null).ToArray();
        var modules = ends.Select(pair => ModuleOf(pair.Tensor, pair.End!)).Distinct().Count();
        var idle = ends.Where(pair => pair.Tensor.Only is { } number && number == neutral[pair.End!]).Select(pair => (Module: ModuleOf(pair.Tensor, pair.End!), Why: $"{pair.End!.Trim('.')} is {pair.Tensor.Only}")).DistinctBy(pair => pair.Module).ToArray();
        if (idle.Length > 0)
            yield return idle.Length == modules
                ? $"The adapter does nothing: {idle[0].Why} in each of its modules. It was not trained, or not saved as trained."
                : string.Create(CultureInfo.InvariantCulture, $"In {idle.Length:N0} of {modules:N0} modules the adapter does nothing: {idle[0].Why}, first in {idle[0].Module}.");
    }

    private static string ModuleOf(TensorFacts tensor, string end)
    {
        var path = tensor.Name[..^end.Length];
        return path.StartsWith(AdapterFolder.KeyPrefix, StringComparison.Ordinal) ? path[AdapterFolder.KeyPrefix.Length..] : path;
    }

    // Our exports name PEFT's version, as PEFT's do; the tag of the model card tells them apart.
    private static string? MadeBy(string folder, AdapterConfigFile config)
    {
        var card = Path.Combine(folder, ModelCard.Name);
        if (File.Exists(card) && File.ReadLines(card).Take(100).Contains(ModelCard.OwnTag))
            return "PeftCluster";
        if (config["peft_version"]?.ToString() is { Length: > 0 } version)
            return $"Hugging Face PEFT {version}";
        return config["version"]?.ToString().Split('.', 2) is ["adapters", var number] ? $"AdapterHub adapters {number}" : null;
    }
}
