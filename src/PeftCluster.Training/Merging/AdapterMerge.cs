using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.Merging;

/// <summary>
/// Base and adapter as one model folder, which needs no PEFT to be loaded. It is written beside its place and gets its name when its logits have been
/// compared with those of base and adapter: a folder of that name is a model that was checked.
/// </summary>
public static class AdapterMerge
{
    /// <summary>Writes and checks the merged model. Call it on a device's thread.</summary>
    /// <param name="baseFolder">The base model's folder.</param>
    /// <param name="adapterFolder">The adapter's folder.</param>
    /// <param name="target">The folder to make; nothing may be there.</param>
    /// <param name="warn">Takes what a user should read once, a line each.</param>
    /// <param name="cancellation">Polled between tensors.</param>
    /// <exception cref="BadInputException">A file is bad, base and adapter do not belong together, the method cannot be merged, or the target is there already.</exception>
    /// <exception cref="InvalidDataException">The merged model computes something else; nothing is left behind.</exception>
    public static MergeResult Write(string baseFolder, string adapterFolder, string target, Action<string> warn, CancellationToken cancellation) =>
        Write(baseFolder, adapterFolder, target, warn, limit: null, cancellation);

    /// <summary>The same with another limit of the difference.</summary>
    internal static MergeResult Write(string baseFolder, string adapterFolder, string target, Action<string> warn, double? limit, CancellationToken cancellation)
    {
        WholeFolder.RefuseTaken(target);
        var config = ModelConfigFile.Load(baseFolder);
        var adapter = AdapterFolder.Open(adapterFolder, warn);
        adapter.CheckTask(config);
        var plan = AdapterPlan.Of(adapter.Method, config);
        var vector = adapter.Read(plan.Layout);
        var files = WeightFiles.Open(baseFolder);
        using var merged = plan.Merge(new SingleWeights(files, config).Read, vector);
        var folder = new MergedFolder(baseFolder, files, config, merged);
        var (changed, most, difference) = (merged.Changed.Count, limit ?? LogitCheck.Limit(folder.Types), double.NaN);
        var bytes = WholeFolder.Write(target, beside =>
        {
            folder.Write(beside, cancellation);
            difference = LogitCheck.Difference(LogitCheck.OfAdapted(baseFolder, plan, vector, cancellation), LogitCheck.Of(beside, cancellation));
            // Not "difference > most": NaN is no number that passes.
            if (!(difference <= most))
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                    $"{target}: not written: the merged model's logits differ from those of base and adapter by {difference:0.0e+0} of the largest; rounding explains {most:0.0e+0}."));
        });
        return new MergeResult(target, plan.Summary, changed, bytes, difference, most);
    }
}

/// <summary>What a merge has made.</summary>
/// <param name="Folder">The model's folder.</param>
/// <param name="Adapter">The adapter for people.</param>
/// <param name="ChangedTensors">Tensors that are not the base's.</param>
/// <param name="Bytes">Of all files.</param>
/// <param name="LogitDifference">The largest difference of logits by the largest logit.</param>
/// <param name="LogitLimit">The most that was allowed.</param>
public sealed record MergeResult(string Folder, string Adapter, int ChangedTensors, long Bytes, double LogitDifference, double LogitLimit);
