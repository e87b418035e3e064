using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;

namespace PeftCluster.Training.Peft.Ia3;

/// <summary>
/// An IA3 adapter's configuration in PEFT's words. Unusual: which vectors rescale inputs is also told by the tensors' shapes, [1, in]
/// and [out, 1], so a pattern in place of a list of names can be read too.
/// </summary>
internal static class Ia3AdapterConfig
{
    public const string KeyEnd = ".ia3_l";

    // Keys of PEFT's IA3Config, with its defaults.
    private const string Defaults = """
        {
          "auto_mapping": null, "base_model_name_or_path": null, "exclude_modules": null, "fan_in_fan_out": false,
          "feedforward_modules": null, "inference_mode": true, "init_ia3_weights": true, "modules_to_save": null,
          "peft_type": "IA3", "peft_version": null, "revision": null, "target_modules": null, "task_type": "CAUSAL_LM"
        }
        """;

    /// <summary>The configuration of a trained adapter.</summary>
    /// <param name="method">How it was trained; names that it lacks are those of the modules found.</param>
    /// <param name="layout">The vector's layout.</param>
    /// <param name="baseModel">The base model's folder or name.</param>
    public static JsonObject Of(Ia3Spec method, VectorLayout layout, string baseModel)
    {
        var config = JsonNode.Parse(Defaults)!.AsObject();
        config["base_model_name_or_path"] = baseModel;
        config["fan_in_fan_out"] = method.FanInFanOut;
        config["feedforward_modules"] = PythonJson.Names(method.FeedforwardModules ?? Names(layout.Slices.Where(slice => IsOnInput(slice.Shape)).Select(slice => slice.Key)));
        config["init_ia3_weights"] = method.InitIa3Weights;
        config["modules_to_save"] = ModuleKeys.Saved(method.ModulesToSave);
        config["peft_version"] = AdapterExport.PeftVersion;
        config["exclude_modules"] = TargetModules.Written(method.ExcludeModules);
        config["target_modules"] = TargetModules.Written(method.TargetModules, Paths(layout.Slices.Select(slice => slice.Key)));
        return config;
    }

    /// <summary>The method that an adapter was trained with.</summary>
    /// <param name="config">A file with <c>peft_type</c> IA3.</param>
    /// <param name="tensors">What the weight file holds.</param>
    public static Ia3Spec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors)
    {
        config.WarnOfUnknown(JsonNode.Parse(Defaults)!.AsObject().Select(pair => pair.Key));
        return new Ia3Spec
        {
            TargetModules = config.ModulesIn("target_modules") ?? [.. Paths(tensors.Select(tensor => tensor.Name))],
            ExcludeModules = config.ModulesIn("exclude_modules"),
            FeedforwardModules = [.. config.NamesIn("feedforward_modules") ?? Paths(tensors.Where(tensor => IsOnInput(tensor.Shape)).Select(tensor => tensor.Name))],
            FanInFanOut = config.IsTrue("fan_in_fan_out"),
            ModulesToSave = ModuleKeys.Saved(config),
            InitIa3Weights = config["init_ia3_weights"] is not { ValueKind: JsonValueKind.False },
        };
    }

    private static bool IsOnInput(IReadOnlyList<long> shape) => shape is [1, _];

    private static string[] Paths(IEnumerable<string> keys) => AdapterFolder.ModulesOf(keys, KeyEnd);

    private static IEnumerable<string> Names(IEnumerable<string> keys) => Paths(keys).Select(TargetModules.Name).Distinct();
}
