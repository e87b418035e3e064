using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.AdapterFiles;

namespace PeftCluster.Training.Peft.Loha;

/// <summary>A LoHa adapter's configuration in PEFT's words. What it says of convolutions does not matter to linear layers.</summary>
internal static class LohaAdapterConfig
{
    // Keys of PEFT's LoHaConfig, with its defaults.
    private const string Defaults = """
        {
          "alpha": 8, "alpha_pattern": {}, "auto_mapping": null, "base_model_name_or_path": null, "exclude_modules": null,
          "inference_mode": true, "init_weights": true, "layers_pattern": null, "layers_to_transform": null, "module_dropout": 0.0,
          "modules_to_save": null, "peft_type": "LOHA", "peft_version": null, "r": 8, "rank_dropout": 0.0, "rank_pattern": {}, "revision": null,
          "target_modules": null, "task_type": "CAUSAL_LM", "use_effective_conv2d": false
        }
        """;

    // Read, or of no consequence for what the adapter computes.
    private static readonly string[] Taken =
        ["alpha", "alpha_pattern", "auto_mapping", "base_model_name_or_path", "inference_mode", "init_weights", "module_dropout", "modules_to_save", "peft_version", "r", "rank_dropout",
         "rank_pattern", "revision", "task_type", "use_effective_conv2d", .. ModuleKeys.Names];

    public static JsonObject Of(LohaSpec method, VectorLayout layout, string baseModel)
    {
        var config = JsonNode.Parse(Defaults)!.AsObject();
        config["alpha"] = PythonJson.Number(method.Alpha);
        config["alpha_pattern"] = PatternKeys.Written(method.AlphaPattern);
        config["base_model_name_or_path"] = baseModel;
        config["modules_to_save"] = ModuleKeys.Saved(method.ModulesToSave);
        config["module_dropout"] = PythonJson.Float(method.ModuleDropout);
        config["peft_version"] = AdapterExport.PeftVersion;
        config["r"] = method.R;
        config["rank_dropout"] = PythonJson.Float(method.RankDropout);
        config["rank_pattern"] = PatternKeys.Written(method.RankPattern);
        new ModuleKeys(method.TargetModules, method.ExcludeModules, method.LayersToTransform, method.LayersPattern).WriteTo(config, Adapted(layout.Slices.Select(slice => slice.Key)));
        return config;
    }

    /// <param name="config">A file with <c>peft_type</c> LOHA.</param>
    /// <param name="keys">Names of the weight file's tensors.</param>
    public static LohaSpec Read(AdapterConfigFile config, IEnumerable<string> keys)
    {
        config.RefuseOthers(JsonNode.Parse(Defaults)!.AsObject(), Taken);
        var modules = ModuleKeys.Of(config, Adapted(keys));
        return new LohaSpec
        {
            R = config.Whole("r", 8, 1, 4096),
            Alpha = config.Scale("alpha", 8),
            RankDropout = config.Dropout("rank_dropout"),
            ModuleDropout = config.Dropout("module_dropout"),
            ModulesToSave = ModuleKeys.Saved(config),
            TargetModules = modules.Targets,
            ExcludeModules = modules.Excluded,
            LayersToTransform = modules.Layers,
            LayersPattern = modules.Pattern,
            RankPattern = PatternKeys.Ranks(config),
            AlphaPattern = PatternKeys.Alphas(config),
        };
    }

    private static string[] Adapted(IEnumerable<string> keys) => AdapterFolder.ModulesOf(keys, LohaLayer.KeyPart);
}
