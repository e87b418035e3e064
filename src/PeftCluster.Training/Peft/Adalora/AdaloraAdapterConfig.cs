using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Peft.Lora;

namespace PeftCluster.Training.Peft.Adalora;

/// <summary>An AdaLoRA adapter's configuration in PEFT's words. PEFT's class inherits LoRA's keys; what they would change is not in AdaLoRA's layers, or is refused. <c>r</c> counts for nothing.</summary>
internal static class AdaloraAdapterConfig
{
    // Keys of PEFT's AdaLoraConfig, with its defaults.
    private const string Defaults = """
        {
          "alora_invocation_tokens": null, "alpha_pattern": {}, "arrow_config": null, "auto_mapping": null, "base_model_name_or_path": null, "beta1": 0.85, "beta2": 0.85,
          "bias": "none", "corda_config": null, "deltaT": 1, "ensure_weight_tying": false, "eva_config": null, "exclude_modules": null, "fan_in_fan_out": false,
          "inference_mode": true, "init_lora_weights": true, "init_r": 12, "kasa_config": null, "layer_replication": null, "layers_pattern": null, "layers_to_transform": null,
          "loftq_config": {}, "lora_alpha": 8, "lora_bias": false, "lora_dropout": 0.0, "lora_ga_config": null, "megatron_config": null, "megatron_core": "megatron.core",
          "modules_to_save": null, "monteclora_config": null, "orth_reg_weight": 0.5, "peft_type": "ADALORA", "peft_version": null, "qalora_group_size": 16, "r": 8,
          "rank_pattern": null, "revision": null, "target_modules": null, "target_parameters": null, "target_r": 8, "task_type": "CAUSAL_LM", "tfinal": 0, "tinit": 0,
          "total_step": null, "trainable_token_indices": null, "use_bdlora": null, "use_dora": false, "use_qalora": false, "use_rslora": false, "velora_config": null
        }
        """;

    // Read, or of no consequence for what the adapter computes.
    private static readonly string[] Taken =
        ["auto_mapping", "base_model_name_or_path", "beta1", "beta2", "deltaT", "ensure_weight_tying", "fan_in_fan_out", "inference_mode", "init_lora_weights", "init_r", "lora_alpha", "lora_dropout", "megatron_core", "modules_to_save",
         "orth_reg_weight", "peft_version", "qalora_group_size", "r", "rank_pattern", "revision", "target_r", "task_type", "tfinal", "tinit", "total_step", .. ModuleKeys.Names, .. LoraAdapterConfig.OfTraining];

    private const string OfRank = "." + AdaloraLayer.E;

    public static JsonObject Of(AdaloraSpec method, VectorLayout layout, string baseModel)
    {
        var config = JsonNode.Parse(Defaults)!.AsObject();
        config["base_model_name_or_path"] = baseModel;
        config["beta1"] = PythonJson.Float(method.Beta1);
        config["beta2"] = PythonJson.Float(method.Beta2);
        config["deltaT"] = method.DeltaT;
        config["fan_in_fan_out"] = method.FanInFanOut;
        config["init_r"] = method.InitR;
        config["lora_alpha"] = PythonJson.Number(method.LoraAlpha);
        config["lora_dropout"] = PythonJson.Float(method.LoraDropout);
        config["modules_to_save"] = ModuleKeys.Saved(method.ModulesToSave);
        config["orth_reg_weight"] = PythonJson.Float(method.OrthRegWeight);
        config["peft_version"] = AdapterExport.PeftVersion;
        config["rank_pattern"] = Written(method.KeptRanks);
        config["target_r"] = method.TargetR;
        config["tfinal"] = method.Tfinal;
        config["tinit"] = method.Tinit;
        config["total_step"] = method.TotalStep;
        new ModuleKeys(method.TargetModules, method.ExcludeModules, method.LayersToTransform, method.LayersPattern).WriteTo(config, Adapted(layout.Slices.Select(slice => slice.Key)));
        return config;
    }

    /// <param name="config">A file with <c>peft_type</c> ADALORA.</param>
    /// <param name="keys">Names of the weight file's tensors.</param>
    public static AdaloraSpec Read(AdapterConfigFile config, IEnumerable<string> keys)
    {
        config.RefuseOthers(JsonNode.Parse(Defaults)!.AsObject(), Taken);
        var modules = ModuleKeys.Of(config, Adapted(keys));
        var rank = config.Whole("init_r", 12, 1, 4096);
        return new AdaloraSpec
        {
            InitR = rank,
            TargetR = config.Whole("target_r", 8, 1, 4096),
            LoraAlpha = config.Scale("lora_alpha", 8),
            LoraDropout = config.Dropout("lora_dropout"),
            FanInFanOut = config.IsTrue("fan_in_fan_out"),
            Tinit = config.Whole("tinit", 0, 0, 10_000_000),
            Tfinal = config.Whole("tfinal", 0, 0, 10_000_000),
            DeltaT = config.Whole("deltaT", 1, 1, 10_000_000),
            Beta1 = config.Number("beta1", 0.85, IsShare, "a number between 0 and 1"),
            Beta2 = config.Number("beta2", 0.85, IsShare, "a number between 0 and 1"),
            OrthRegWeight = config.Number("orth_reg_weight", 0.5, weight => weight is > 0 and <= 1000, "a number above 0, at most 1000"),
            TotalStep = config["total_step"] is null ? null : config.Whole("total_step", 1, 1, 1_000_000_000),
            TargetModules = modules.Targets,
            ExcludeModules = modules.Excluded,
            LayersToTransform = modules.Layers,
            LayersPattern = modules.Pattern,
            ModulesToSave = ModuleKeys.Saved(config),
            KeptRanks = Kept(config, rank),
        };
    }

    private static bool IsShare(double value) => value is > 0 and < 1;

    private static JsonObject? Written(ValueMap<ValueList<int>>? kept) => kept is null ? null : new JsonObject(
        kept.Select(module => KeyValuePair.Create(module.Key + OfRank, (JsonNode?)new JsonArray([.. module.Value.Select(rank => JsonValue.Create(rank == 1))]))));

    // "model.layers.0.self_attn.q_proj.lora_E": [true, false, …]
    private static ValueMap<ValueList<int>>? Kept(AdapterConfigFile config, int rank)
    {
        if (config["rank_pattern"] is not { } pattern || AdapterConfigFile.IsEmpty(pattern))
            return null;
        if (pattern.ValueKind != JsonValueKind.Object || !pattern.EnumerateObject().All(module => IsRanks(module, rank)))
            throw config.Refused("rank_pattern", $"for each module's {AdaloraLayer.E} it has to list {rank} times true or false, as init_r says");
        return new(pattern.EnumerateObject().Select(module => KeyValuePair.Create(
            module.Name[..^OfRank.Length], new ValueList<int>(module.Value.EnumerateArray().Select(kept => kept.ValueKind == JsonValueKind.True ? 1 : 0)))));
    }

    private static bool IsRanks(JsonProperty module, int rank) =>
        module.Name.EndsWith(OfRank, StringComparison.Ordinal) && module.Value.ValueKind == JsonValueKind.Array && module.Value.GetArrayLength() == rank &&
        module.Value.EnumerateArray().All(kept => kept.ValueKind is JsonValueKind.True or JsonValueKind.False);

    private static string[] Adapted(IEnumerable<string> keys) => AdapterFolder.ModulesOf(keys, AdaloraLayer.KeyPart);
}
