using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Jobs;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Peft.Lora;
using static TorchSharp.torch;

namespace PeftCluster.Training.Inspection;

/// <summary>
/// Compares two adapters, field by field and tensor by tensor. Of LoRA adapters it also compares s · B A, since other factors, even of another
/// rank, may make the same change.
/// </summary>
public static class AdapterComparison
{
    // Says who wrote the file, not what the adapter is.
    private const string Version = "peft_version";

    /// <summary>Compares. Call it on a device's thread.</summary>
    /// <param name="first">A's folder.</param>
    /// <param name="second">B's folder.</param>
    /// <param name="warn">Takes what a user should read once, a line each.</param>
    /// <param name="cancellation">Polled between tensors.</param>
    /// <exception cref="BadInputException">A file is missing or bad, or an adapter is of a kind that is not supported.</exception>
    public static AdapterDifference Of(string first, string second, Action<string> warn, CancellationToken cancellation)
    {
        var (a, b) = (AdapterFolder.Open(first, warn), AdapterFolder.Open(second, warn));
        var inSecond = b.Weights.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var config = Fields(a.Config, b.Config);
        var tensors = new List<TensorDifference>();
        var shapes = new List<ShapeDifference>();
        foreach (var entry in a.Weights.Tensors.Where(entry => inSecond.ContainsKey(entry.Name)).OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            var other = inSecond[entry.Name];
            if (!entry.Shape.SequenceEqual(other.Shape))
            {
                shapes.Add(new ShapeDifference(entry.Name, entry.Shape, other.Shape));
                continue;
            }
            var (left, right) = (a.Weights.BytesOf(entry), b.Weights.BytesOf(other));
            var sameBits = entry.Type == other.Type && left.AsSpan().SequenceEqual(right);
            var distance = Distance.Between(a.Weights.NumbersOf(entry, left), b.Weights.NumbersOf(other, right));
            // NaN differs from itself; the same bits do not.
            tensors.Add(new TensorDifference(entry.Name, entry.Shape, sameBits, sameBits ? 0 : distance.Largest, sameBits ? 0 : distance.Relative, distance.Cosine));
        }
        string[] onlyFirst = [.. Missing(a, b)], onlySecond = [.. Missing(b, a)];
        var whole = onlyFirst.Length == 0 && onlySecond.Length == 0 && shapes.Count == 0;
        return new AdapterDifference(
            first, second, whole && tensors.All(tensor => tensor.Largest == 0) && config.All(field => field.Key == Version), whole && tensors.All(tensor => tensor.SameBits),
            config, onlyFirst, onlySecond, shapes, tensors, Changes(a, b, cancellation));
    }

    private static IEnumerable<string> Missing(AdapterFolder from, AdapterFolder other) =>
        from.Weights.Tensors.Select(tensor => tensor.Name).Except(other.Weights.Tensors.Select(tensor => tensor.Name)).Order(StringComparer.Ordinal);

    private static List<TensorDifference> Changes(AdapterFolder a, AdapterFolder b, CancellationToken cancellation)
    {
        var changes = new List<TensorDifference>();
        if (!AdapterInspection.HasChanges(a) || !AdapterInspection.HasChanges(b))
            return changes;
        var inSecond = LoraPair.Of(b).ToDictionary(pair => pair.Path, StringComparer.Ordinal);
        foreach (var pair in LoraPair.Of(a))
        {
            if (!inSecond.TryGetValue(pair.Path, out var other) || (pair.Out, pair.In) != (other.Out, other.In))
                continue;
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var left = pair.Change(a.Weights).bytes;
            var right = other.Change(b.Weights).bytes;
            var distance = Distance.Between(MemoryMarshal.Cast<byte, float>(left), MemoryMarshal.Cast<byte, float>(right));
            changes.Add(new TensorDifference(pair.Path, [pair.Out, pair.In], left.SequenceEqual(right), distance.Largest, distance.Relative, distance.Cosine));
        }
        return changes;
    }

    private static List<FieldDifference> Fields(AdapterConfigFile first, AdapterConfigFile second) =>
    [
        .. first.Values.Keys.Union(second.Values.Keys).Order(StringComparer.Ordinal)
            .Where(key => !JsonNode.DeepEquals(Plain(first[key]), Plain(second[key])))
            .Select(key => new FieldDifference(key, first[key], second[key])),
    ];

    // A field that is missing, null or empty says the same; a list of names is a set, which PEFT writes in any order.
    private static JsonNode? Plain(JsonElement? value) => value switch
    {
        null => null,
        { } nothing when AdapterConfigFile.IsEmpty(nothing) => null,
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => PythonJson.Names(list.EnumerateArray().Select(item => item.GetString()!)),
        { } other => JsonNode.Parse(other.GetRawText()),
    };
}
