using PeftCluster.Jobs;
using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Golden;

/// <summary>Golden models and their tensors, for tests that compute with them.</summary>
internal static class GoldenFiles
{
    /// <summary>Folders of models, those of extra/ included.</summary>
    public static IReadOnlyList<string> Models { get; } =
    [
        .. new[] { "models", "extra" }.Select(part => GoldenFolder.Of(part)).Where(Directory.Exists)
            .SelectMany(Directory.GetDirectories)
            .Where(folder => File.Exists(Path.Combine(folder, "model", "config.json")))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Whether the product claims to compute a model.</summary>
    public static bool IsKnown(string folder)
    {
        try
        {
            return ModelConfigFile.Load(Path.Combine(folder, "model")) is not null;
        }
        catch (BadInputException)
        {
            return false;
        }
    }

    /// <summary>Folders of adapters of PEFT's that the product claims to know: what it claims is what it opens on that model.</summary>
    public static IEnumerable<string> Adapters => Models.Where(IsKnown).SelectMany(Directory.GetDirectories).Where(IsClaimed);

    /// <summary>MODEL/CASE of a folder.</summary>
    public static string NameOf(string folder) => string.Join('/', folder.Split(Path.DirectorySeparatorChar)[^2..]);

    private static bool IsClaimed(string folder)
    {
        try
        {
            return AdapterPlan.Of(AdapterFolder.Open(folder, _ => { }).Method, ModelConfigFile.Load(Path.Combine(Path.GetDirectoryName(folder)!, "model"))) is not null;
        }
        catch (BadInputException)
        {
            return false;
        }
    }

    /// <summary>Whether a case expects a tensor of this name.</summary>
    public static bool Has(string folder, string name)
    {
        var file = Path.Combine(folder, "expected.safetensors");
        return File.Exists(file) && GoldenTensors.Load(file).Names.Contains(name);
    }

    /// <summary>Reads a whole safetensors file into tensors of the current dispose scope.</summary>
    public static Dictionary<string, Tensor> Read(params string[] path)
    {
        var file = GoldenTensors.Load(Path.Combine(path));
        return file.Names.ToDictionary(name => name, name => Read(file, name), StringComparer.Ordinal);
    }

    /// <summary>Asserts that the largest difference is within <paramref name="tolerance"/> of the largest magnitude.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance, string what)
    {
        Assert.Equal(expected.shape, actual.shape);
        var largest = expected.abs().max().item<float>();
        var difference = (expected - actual).abs().max().item<float>();
        Assert.True(difference <= tolerance * largest, $"{what}: off by {difference:e2} where the largest is {largest:e2}");
    }

    private static Tensor Read(GoldenTensors file, string name)
    {
        long[] shape = [.. file.Shape(name)];
        return IsWhole(name) ? tensor(file.Longs(name), shape) : tensor(file.Floats(name), shape);
    }

    private static bool IsWhole(string name) => name is "tokens" or "choices" or "correct" or "rank_by_sum" or "rank_by_mean" or "input_ids" or "attention_mask" or "labels" or "beam3" or "prefix" or "seq.budget" or "seq.masked" || name.EndsWith(".labels", StringComparison.Ordinal) || name.EndsWith(".input_ids", StringComparison.Ordinal) || name is "packed.position_ids" or "packed.segments" || name.StartsWith("ids.", StringComparison.Ordinal) || name.StartsWith("greedy", StringComparison.Ordinal);
}
