using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.AdapterFiles;

namespace PeftCluster.Training.Peft.Vera;

/// <summary>A VeRA adapter's configuration in PEFT's words.</summary>
internal static class VeraAdapterConfig
{
    // Keys of PEFT's VeraConfig, with its defaults.
    private const string Defaults = """
        {
          "auto_mapping": null, "base_model_name_or_path": null, "bias": "none", "d_initial": 0.1, "fan_in_fan_out": false, "inference_mode": true,
          "init_weights": true, "layers_pattern": null, "layers_to_transform": null, "modules_to_save": null, "peft_type": "VERA",
          "peft_version": null, "projection_prng_key": 0, "r": 256, "revision": null, "save_projection": true, "target_modules": null,
          "task_type": "CAUSAL_LM", "vera_dropout": 0.0
        }
        """;

    // Read, or of no consequence for what the adapter computes.
    private static readonly string[] Taken =
        ["auto_mapping", "base_model_name_or_path", "d_initial", "fan_in_fan_out", "inference_mode", "init_weights", "modules_to_save", "peft_version", "projection_prng_key", "r", "revision",
         "save_projection", "task_type", "vera_dropout", .. ModuleKeys.Names];

    public static JsonObject Of(VeraSpec method, VectorLayout layout, string baseModel)
    {
        var config = JsonNode.Parse(Defaults)!.AsObject();
        config["base_model_name_or_path"] = baseModel;
        config["modules_to_save"] = ModuleKeys.Saved(method.ModulesToSave);
        config["d_initial"] = PythonJson.Float(method.DInitial);
        config["fan_in_fan_out"] = method.FanInFanOut;
        config["peft_version"] = AdapterExport.PeftVersion;
        config["projection_prng_key"] = method.ProjectionPrngKey;
        config["r"] = method.R;
        config["save_projection"] = method.SaveProjection;
        config["vera_dropout"] = PythonJson.Float(method.VeraDropout);
        new ModuleKeys(method.TargetModules, null, method.LayersToTransform, method.LayersPattern).WriteTo(config, Adapted(layout.Slices.Select(slice => slice.Key)));
        return config;
    }

    /// <param name="config">A file with <c>peft_type</c> VERA.</param>
    /// <param name="keys">Names of the weight file's tensors.</param>
    public static VeraSpec Read(AdapterConfigFile config, IEnumerable<string> keys)
    {
        config.RefuseOthers(JsonNode.Parse(Defaults)!.AsObject(), Taken);
        var modules = ModuleKeys.Of(config, Adapted(keys));
        return new VeraSpec
        {
            R = config.Whole("r", 256, 1, 65_536),
            DInitial = config.Number("d_initial", 0.1, value => value is > 0 and <= 1000, "a number above 0, at most 1000"),
            VeraDropout = config.Dropout("vera_dropout"),
            FanInFanOut = config.IsTrue("fan_in_fan_out"),
            ModulesToSave = ModuleKeys.Saved(config),
            TargetModules = modules.Targets,
            LayersToTransform = modules.Layers,
            LayersPattern = modules.Pattern,
            ProjectionPrngKey = config.Whole("projection_prng_key", 0, 0, int.MaxValue),
            SaveProjection = config["save_projection"] is not { ValueKind: JsonValueKind.False },
        };
    }

    private static string[] Adapted(IEnumerable<string> keys) => AdapterFolder.ModulesOf(keys, VeraLayer.KeyPart);
}
