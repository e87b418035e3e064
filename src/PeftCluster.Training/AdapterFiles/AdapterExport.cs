using System.Text;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.AdapterFiles;

/// <summary>
/// Writes a trained adapter as Hugging Face PEFT does, so that it loads there as it is. Each file appears whole, the configuration
/// last: a folder with adapter_config.json is a finished export.
/// </summary>
public static class AdapterExport
{
    /// <summary>
    /// The PEFT release whose files ours are like. PEFT compares it with its own version only to word a warning.
    /// </summary>
    public const string PeftVersion = "0.21.2";

    /// <summary>Writes a trained adapter.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="job">What was trained, and how.</param>
    /// <param name="task">What the base model is for.</param>
    /// <param name="plan">The adapter's plan.</param>
    /// <param name="adapter"><c>plan.Layout.Length</c> floats.</param>
    /// <param name="frozen"><c>plan.Frozen.Length</c> floats.</param>
    public static void Write(string folder, JobSpec job, PeftTask task, AdapterPlan plan, ReadOnlyMemory<float> adapter, ReadOnlyMemory<float> frozen)
    {
        var exported = plan.Exported(adapter, frozen);
        Write(folder, job with { Method = plan.Method }, task, exported.Method, exported.Layout, exported.Vector, plan.Layout.Parameters);
    }

    /// <summary>Writes weights, model card and configuration.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="job">What was trained, and how.</param>
    /// <param name="task">What the base model is for.</param>
    /// <param name="layout">The vector's layout.</param>
    /// <param name="adapter"><c>layout.Length</c> floats.</param>
    public static void Write(string folder, JobSpec job, PeftTask task, VectorLayout layout, ReadOnlyMemory<float> adapter)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Write(folder, job, task, job.Method, layout, adapter, layout.Parameters);
    }

    private static void Write(string folder, JobSpec job, PeftTask task, MethodSpec written, VectorLayout layout, ReadOnlyMemory<float> adapter, long trained)
    {
        var method = PeftMethods.Of(written);
        var config = method.Write(written, layout, job.Model);
        if (config.ContainsKey("task_type"))
            config["task_type"] = task.Name;
        if (config.ContainsKey("peft_type") && task.SavedModules.Count > 0)
            config["modules_to_save"] = PythonJson.Names(task.SavedModules.Union(config["modules_to_save"]?.AsArray().Select(name => name!.GetValue<string>()) ?? []));
        WriteFiles(folder, method, config, layout, adapter, ModelCard.Text(job, trained, null, task));
    }

    /// <summary>Writes an adapter that no job has made.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="method">Its method.</param>
    /// <param name="config">What goes into adapter_config.json.</param>
    /// <param name="layout">The vector's layout.</param>
    /// <param name="adapter"><c>layout.Length</c> floats.</param>
    /// <param name="card">The model card.</param>
    internal static void WriteFiles(string folder, PeftMethod method, JsonObject config, VectorLayout layout, ReadOnlyMemory<float> adapter, string card)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(adapter.Length, layout.Length);
        WholeFile.Write(Path.Combine(folder, method.WeightsName), stream => AdapterWeights.Write(stream, layout, adapter));
        ModelCard.Write(folder, card);
        WholeFile.Write(Path.Combine(folder, AdapterFolder.ConfigName), stream => stream.Write(Encoding.UTF8.GetBytes(PythonJson.Dump(config))));
    }
}
