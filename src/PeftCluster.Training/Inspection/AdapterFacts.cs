using System.Text.Json;
using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Training.Inspection;

/// <summary>What an adapter's folder says about itself. No base model is needed.</summary>
/// <param name="Folder">As it was named.</param>
/// <param name="Method">Its name in job.yaml, for example "lora".</param>
/// <param name="About">The same in a sentence, with rank, α and targets.</param>
/// <param name="BaseModel">The base model as the file names it, or null.</param>
/// <param name="Task">For example CAUSAL_LM, or null.</param>
/// <param name="MadeBy">Which program wrote it; null where nothing tells.</param>
/// <param name="Trained">Numbers that were trained.</param>
/// <param name="File">Its weight file.</param>
/// <param name="Tensors">In the order of their names.</param>
/// <param name="Changes">What LoRA adds to each module's weight; empty for other methods, and where the base model is needed to know.</param>
/// <param name="Warnings">A line each.</param>
/// <param name="Config">adapter_config.json.</param>
public sealed record AdapterFacts(
    string Folder, string Method, string About, string? BaseModel, string? Task, string? MadeBy, long Trained, WeightFileFacts File, IReadOnlyList<TensorFacts> Tensors,
    IReadOnlyList<ChangeFacts> Changes, IReadOnlyList<string> Warnings, IReadOnlyDictionary<string, JsonElement> Config);

/// <summary>A weight file.</summary>
/// <param name="Name">Its name in the folder.</param>
/// <param name="Bytes">Of the whole file.</param>
/// <param name="Sha256">64 hex digits.</param>
/// <param name="Types">The number formats in it.</param>
public sealed record WeightFileFacts(string Name, long Bytes, string Sha256, IReadOnlyList<string> Types);

/// <summary>A tensor.</summary>
/// <param name="Name">Its key in the file.</param>
/// <param name="Type">Its number format.</param>
/// <param name="Shape">Row-major.</param>
/// <param name="Norm">√Σx²; NaN where a number is not finite.</param>
/// <param name="Largest">The largest magnitude.</param>
/// <param name="NotFinite">Numbers that are NaN or infinite.</param>
/// <param name="Only">The number that each of its numbers is; null where they differ.</param>
public sealed record TensorFacts(string Name, string Type, IReadOnlyList<long> Shape, double Norm, double Largest, long NotFinite, double? Only)
{
    internal static TensorFacts Of(SafetensorsEntry entry, ReadOnlySpan<float> numbers)
    {
        var size = Magnitude.Of(numbers);
        var same = numbers.Length > 0 && !numbers.ContainsAnyExcept(numbers[0]);
        return new TensorFacts(entry.Name, entry.Type.ToString(), entry.Shape, size.Norm, size.Largest, size.NotFinite, same && float.IsFinite(numbers[0]) ? numbers[0] : null);
    }
}

/// <summary>The change s · B A that LoRA makes to a weight.</summary>
/// <param name="Module">The module's path.</param>
/// <param name="Rank">r</param>
/// <param name="Scale">s</param>
/// <param name="Shape">[out, in]</param>
/// <param name="Norm">Frobenius norm.</param>
/// <param name="Largest">The largest magnitude.</param>
public sealed record ChangeFacts(string Module, int Rank, double Scale, IReadOnlyList<long> Shape, double Norm, double Largest);
