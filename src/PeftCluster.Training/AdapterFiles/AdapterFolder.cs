using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.AdapterFiles;

/// <summary>
/// An adapter on disk in the Hugging Face PEFT layout, ours or anybody's. Opening reads the configuration and the weights'
/// header; the vector is read when the base model, and with it the layout, is known.
/// </summary>
public sealed class AdapterFolder
{
    public const string ConfigName = "adapter_config.json";
    public const string WeightsName = "adapter_model.safetensors";
    public const string KeyPrefix = "base_model.model.";

    private readonly AdapterWeights _weights;

    private readonly PeftTask? _task;

    private AdapterFolder(MethodSpec method, AdapterConfigFile config, AdapterWeights weights)
    {
        (Method, Config, _weights) = (method, config, weights);
        BaseModel = config["base_model_name_or_path"]?.ToString() is { Length: > 0 } named ? named : null;
        _task = PeftTask.Of(config["task_type"]?.ToString());
    }

    /// <summary>The method it was trained with. A source opened for a job with this method has the layout that <see cref="Read"/> needs.</summary>
    public MethodSpec Method { get; }

    /// <summary>The base model as the file names it: a folder or a hub name; null where it names none.</summary>
    public string? BaseModel { get; }

    /// <summary>The task that the file names; null where it names none.</summary>
    internal PeftTask? Task => _task;

    /// <summary>The configuration as the file has it.</summary>
    internal AdapterConfigFile Config { get; }

    /// <summary>The weight file, for what can be said of it without the base model.</summary>
    internal AdapterWeights Weights => _weights;

    /// <summary>Opens an adapter.</summary>
    /// <param name="folder">The folder with adapter_config.json and adapter_model.safetensors.</param>
    /// <param name="warn">Takes what a user should read once, a line each.</param>
    /// <exception cref="BadInputException">A file is missing or bad, or the adapter is of a kind that is not supported.</exception>
    public static AdapterFolder Open(string folder, Action<string> warn)
    {
        try
        {
            return OpenFiles(folder, warn);
        }
        catch (InvalidOperationException error) // bytes that are not UTF-8, or a \u escape that is half a character
        {
            throw new BadInputException($"{Path.Combine(folder, ConfigName)}: has text that is not Unicode. Download or write the file again.", error);
        }
    }

    private static AdapterFolder OpenFiles(string folder, Action<string> warn)
    {
        if (!Directory.Exists(folder))
            throw new BadInputException($"{folder}: there is no such folder. An adapter's folder has {ConfigName} and {WeightsName}.");
        var config = AdapterConfigFile.Load(Path.Combine(folder, ConfigName), warn);
        var task = PeftTask.Of(config["task_type"]?.ToString());
        if (task is null && config["task_type"]?.ToString() is { Length: > 0 })
            throw config.Refused("task_type", $"known: {string.Join(", ", PeftTask.All.Select(known => known.Name))}");
        // What the task says already is no wish of the method's.
        var asked = task is not null && config.NamesIn("modules_to_save") is { } saved ? config.With("modules_to_save", saved.Except(task.SavedModules)) : config;
        var method = PeftMethods.All.FirstOrDefault(known => known.Owns(config)) ?? throw (config["peft_type"] is null
            ? new BadInputException($"{config.Path}: peft_type is missing. This is no adapter's configuration.")
            : config.Refused("peft_type", $"known: {string.Join(", ", PeftMethods.BuiltIn.Select(known => known.PeftType).Distinct())}; a plugin's method needs its plugin named"));
        var weights = AdapterWeights.Open(Path.Combine(folder, method.WeightsName));
        return new AdapterFolder(method.Read(asked, weights.Tensors), config, weights);
    }

    /// <summary>Refuses a base model that does what the adapter was not trained for.</summary>
    /// <exception cref="BadInputException">adapter_config.json names another task than the model's.</exception>
    public void CheckTask(ModelConfig model)
    {
        if (_task is { } task && task != model.Task)
            throw new BadInputException($"{_weights.Path}: the adapter is for {task.Name}, but a base model of model_type {model.ModelType} is for {model.Task.Name}. Give the base model that it was trained on.");
    }

    /// <summary>The adapter's vector.</summary>
    /// <param name="layout">The layout of <see cref="Method"/> on the base model.</param>
    /// <exception cref="BadInputException">A tensor is missing, belongs to no module, has another shape, or is not finite.</exception>
    public float[] Read(VectorLayout layout)
    {
        if (PeftMethods.Of(Method).Untrained(Method, _weights.Tensors) is not { } untrained)
            return _weights.Read(layout, besides: null);
        _weights.Check(untrained.Layout, untrained.Values);
        return _weights.Read(layout, untrained.Layout);
    }

    /// <summary>Paths of the modules that keys <c>base_model.model.PATH</c> + <paramref name="part"/> + … belong to.</summary>
    public static string[] ModulesOf(IEnumerable<string> keys, string part) =>
        [.. keys.Where(key => key.StartsWith(KeyPrefix, StringComparison.Ordinal) && key.Contains(part, StringComparison.Ordinal))
            .Select(key => key[KeyPrefix.Length..key.LastIndexOf(part, StringComparison.Ordinal)]).Distinct(StringComparer.Ordinal)];
}
