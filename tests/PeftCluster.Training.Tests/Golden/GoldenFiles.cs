using System.Runtime.InteropServices;
using PeftCluster.Steps.Safetensors;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Golden;

/// <summary>
/// What PyTorch, transformers and PEFT computed on tiny random models. The folder is that of PEFTCLUSTER_GOLDEN, or the committed copy.
/// </summary>
internal static class GoldenFiles
{
    public static string Folder { get; } = Find();

    /// <summary>Folders of models, by name.</summary>
    public static IReadOnlyList<string> Models { get; } = [.. Directory.GetDirectories(Path.Combine(Folder, "models")).Order(StringComparer.Ordinal)];

    /// <summary>Reads a whole safetensors file into tensors of the current dispose scope.</summary>
    public static Dictionary<string, Tensor> Read(params string[] path)
    {
        var file = Path.Combine(path);
        var bytes = File.ReadAllBytes(file);
        var header = SafetensorsHeader.Read(new MemoryStream(bytes), file);
        return header.Tensors.ToDictionary(entry => entry.Name, entry =>
        {
            var data = bytes.AsSpan((int)(header.DataStart + entry.Begin), (int)entry.Length);
            long[] shape = [.. entry.Shape];
            return entry.Type switch
            {
                SafetensorsType.F32 => tensor(MemoryMarshal.Cast<byte, float>(data).ToArray(), shape),
                SafetensorsType.I64 => tensor(MemoryMarshal.Cast<byte, long>(data).ToArray(), shape),
                _ => throw new InvalidOperationException($"{file}: {entry.Name} is {entry.Type}"),
            };
        }, StringComparer.Ordinal);
    }

    /// <summary>Asserts that the largest difference is within <paramref name="tolerance"/> of the largest magnitude.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance, string what)
    {
        Assert.Equal(expected.shape, actual.shape);
        var largest = expected.abs().max().item<float>();
        var difference = (expected - actual).abs().max().item<float>();
        Assert.True(difference <= tolerance * largest, $"{what}: off by {difference:e2} where the largest is {largest:e2}");
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("PEFTCLUSTER_GOLDEN") is { Length: > 0 } chosen)
            return chosen;
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "PeftCluster.sln")))
            root = root.Parent ?? throw new InvalidOperationException("the tests do not run inside the repository");
        return Path.Combine(root.FullName, "tests", "golden");
    }
}
