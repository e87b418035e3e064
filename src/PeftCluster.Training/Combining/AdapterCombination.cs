using System.Numerics.Tensors;
using System.Security.Cryptography;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.Combining;

/// <summary>Adapters of one base model combined into a new one, a folder as PEFT saves it. The base model is not needed.</summary>
public static class AdapterCombination
{
    /// <summary>Combines and writes. Call it on a device's thread.</summary>
    /// <param name="folders">The adapters' folders, in the order of their weights.</param>
    /// <param name="target">The folder to make; nothing may be there.</param>
    /// <param name="spec">How.</param>
    /// <param name="warn">Takes what a user should read once, a line each.</param>
    /// <param name="cancellation">Polled between modules; nothing is left behind.</param>
    /// <exception cref="BadInputException">A file is bad, the adapters cannot be combined so, or the target is there already.</exception>
    public static CombinationResult Write(IReadOnlyList<string> folders, string target, CombinationSpec spec, Action<string> warn, CancellationToken cancellation)
    {
        spec.Check(folders.Count);
        WholeFolder.RefuseTaken(target);
        AdapterFolder[] adapters = [.. folders.Select(folder => AdapterFolder.Open(folder, warn))];
        WarnOfBases(adapters, warn);
        var (method, layout, vector) = Combine(adapters, spec, warn, cancellation);
        // Finite numbers may have a sum that is none.
        if (!TensorPrimitives.IsFiniteAll<float>(vector))
            throw new BadInputException("--weights: the combined numbers are beyond what float32 holds. Give smaller ones.");
        var sha256 = "";
        var bytes = WholeFolder.Write(target, beside =>
        {
            var parts = folders.Select((folder, index) => new CombinedPart(folder, spec.Weights[index], Sha256Of(adapters[index].Weights.Path))).ToArray();
            var registered = PeftMethods.Of(method);
            var config = registered.Write(method, layout, adapters[0].BaseModel ?? "");
            config["task_type"] = adapters[0].Task?.Name;
            AdapterExport.WriteFiles(beside, registered, config, layout, vector, CombinedCard.Text(Path.GetFileName(Path.TrimEndingDirectorySeparator(target)), adapters[0], method, spec, parts));
            sha256 = Sha256Of(Path.Combine(beside, registered.WeightsName));
        });
        return new CombinationResult(target, PeftMethods.Of(method).Describe(method), spec.Type.Name, layout.Slices.Count, layout.Parameters, bytes, sha256);
    }

    private static (MethodSpec Method, VectorLayout Layout, float[] Vector) Combine(AdapterFolder[] adapters, CombinationSpec spec, Action<string> warn, CancellationToken cancellation)
    {
        if (adapters.FirstOrDefault(adapter => adapter.Method.Type != adapters[0].Method.Type) is { } other)
            throw new BadInputException($"{other.Config.Path}: the adapter is of method {other.Method.Type}, the first one of {adapters[0].Method.Type}. Only adapters of one method can be combined.");
        switch (adapters[0].Method)
        {
            case LoraSpec:
                var lora = new LoraCombination(spec, adapters);
                return (lora.Method, lora.Layout, lora.Compute(new DareMasks(spec.Seed ?? 0, spec.Density ?? 1, lora.Modules, adapters.Length).Of, cancellation));
            case Ia3Spec:
                var ia3 = new Ia3Combination(spec, adapters);
                if (ia3.Warning is { } warning)
                    warn(warning);
                return (ia3.Method, ia3.Layout, ia3.Compute());
            default:
                throw new BadInputException($"{adapters[0].Config.Path}: adapters of method {adapters[0].Method.Type} cannot be combined; PEFT combines lora and ia3.");
        }
    }

    private static void WarnOfBases(AdapterFolder[] adapters, Action<string> warn)
    {
        string[] bases = [.. adapters.Select(adapter => adapter.BaseModel).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (bases.Length > 1)
            warn($"the adapters name different base models, {string.Join(", ", bases)}; only adapters of one base make sense together. The new one names the first.");
    }

    private static string Sha256Of(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}

/// <summary>What a combination has made.</summary>
/// <param name="Folder">The new adapter's folder.</param>
/// <param name="Adapter">The adapter for people.</param>
/// <param name="Method">How it was combined, in PEFT's word.</param>
/// <param name="Tensors">In its file.</param>
/// <param name="Numbers">In all of them.</param>
/// <param name="Bytes">Of all files.</param>
/// <param name="Sha256">Of the weight file.</param>
public sealed record CombinationResult(string Folder, string Adapter, string Method, int Tensors, long Numbers, long Bytes, string Sha256);
