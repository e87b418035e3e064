using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.AdapterFiles;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>
/// A LoRA adapter's configuration in PEFT's words. <see cref="Defaults"/> lists every key of PEFT's <c>LoraConfig</c> with its
/// default: it is what we write, with our values put in, and what we compare with when we read: a key that would change the
/// adapter's mathematics and has another value is refused, not ignored.
/// </summary>
internal static class LoraAdapterConfig
{
    // Keys of PEFT 0.20.1.dev0. PEFT before and after it ignores keys that it does not know, with a warning.
    private const string Defaults = """
        {
          "alora_invocation_tokens": null, "alpha_pattern": {}, "arrow_config": null, "auto_mapping": null,
          "base_model_name_or_path": null, "bias": "none", "corda_config": null, "ensure_weight_tying": false,
          "eva_config": null, "exclude_modules": null, "fan_in_fan_out": false, "inference_mode": true,
          "init_lora_weights": true, "kasa_config": null, "layer_replication": null, "layers_pattern": null,
          "layers_to_transform": null, "loftq_config": {}, "lora_alpha": 8, "lora_bias": false, "lora_dropout": 0.0,
          "lora_ga_config": null, "megatron_config": null, "megatron_core": "megatron.core", "modules_to_save": null,
          "monteclora_config": null, "peft_type": "LORA", "peft_version": null, "qalora_group_size": 16, "r": 8,
          "rank_pattern": {}, "revision": null, "target_modules": null, "target_parameters": null,
          "task_type": "CAUSAL_LM", "trainable_token_indices": null, "use_bdlora": null, "use_dora": false,
          "use_qalora": false, "use_rslora": false, "velora_config": null
        }
        """;

    /// <summary>Keys that say how an adapter began or was trained. What a finished one computes does not depend on them: any value is fine.</summary>
    public static IReadOnlyList<string> OfTraining { get; } = ["corda_config", "eva_config", "loftq_config", "lora_ga_config", "runtime_config", "velora_config"];

    // Keys that say where the adapter came from, and those that only matter beside one that is refused: any value is fine.
    private static readonly string[] Harmless =
        ["auto_mapping", "base_model_name_or_path", "ensure_weight_tying", "fan_in_fan_out", "inference_mode", "megatron_core", "peft_version", "qalora_group_size", "revision", "task_type", .. OfTraining];

    // Keys that have a key of ours.
    private static readonly string[] Mapped =
        ["alpha_pattern", "bias", "exclude_modules", "init_lora_weights", "layers_pattern", "layers_to_transform", "lora_alpha", "lora_bias", "lora_dropout", "modules_to_save", "r", "rank_pattern",
         "target_modules", "trainable_token_indices", "use_dora", "use_rslora"];

    // In the order of LoraBias.
    private static readonly string[] Biases = ["none", "all", "lora_only"];

    // Ways to begin that leave no trace but A and B. Of the others, which change the base's weights, pissa and olora can be computed again;
    // pissa_niter_N draws numbers that the file does not hold, corda and lora_ga read texts, loftq quantises.
    private static readonly string[] CleanStarts = ["eva", "mica", "orthogonal"];
    private static readonly string[] KnownStarts = ["gaussian", "pissa", "olora"];

    /// <summary>The configuration of a trained adapter.</summary>
    /// <param name="method">How it was trained.</param>
    /// <param name="layout">The vector's layout.</param>
    /// <param name="baseModel">The base model's folder or name.</param>
    public static JsonObject Of(LoraSpec method, VectorLayout layout, string baseModel)
    {
        var config = JsonNode.Parse(Defaults)!.AsObject();
        config["alpha_pattern"] = PatternKeys.Written(method.AlphaPattern);
        config["base_model_name_or_path"] = baseModel;
        config["bias"] = Biases[(int)method.Bias];
        config["fan_in_fan_out"] = method.FanInFanOut;
        config["init_lora_weights"] = method.InitLoraWeights == "default" ? true : method.InitLoraWeights;
        config["lora_alpha"] = PythonJson.Number(method.LoraAlpha);
        config["lora_bias"] = method.LoraBias;
        config["lora_dropout"] = PythonJson.Float(method.LoraDropout);
        config["modules_to_save"] = ModuleKeys.Saved(method.ModulesToSave);
        config["peft_version"] = AdapterExport.PeftVersion;
        config["r"] = method.R;
        config["rank_pattern"] = PatternKeys.Written(method.RankPattern);
        config["trainable_token_indices"] = method.TrainableTokenIndices is { } tokens ? new JsonArray([.. tokens.Select(token => JsonValue.Create(token))]) : null;
        config["use_dora"] = method.UseDora;
        config["use_rslora"] = method.UseRslora;
        new ModuleKeys(method.TargetModules, method.ExcludeModules, method.LayersToTransform, method.LayersPattern).WriteTo(config, Adapted(layout.Slices.Select(slice => slice.Key)));
        return config;
    }

    /// <summary>The method that an adapter was trained with.</summary>
    /// <param name="config">A file with <c>peft_type</c> LORA.</param>
    /// <param name="adapted">Paths of the modules that the weight file has tensors for.</param>
    public static LoraSpec Read(AdapterConfigFile config, IReadOnlyList<string> adapted)
    {
        config.RefuseOthers(JsonNode.Parse(Defaults)!.AsObject(), [.. Harmless, .. Mapped]);
        // In the layers nothing is tied.
        if (config.IsTrue("ensure_weight_tying") && adapted.FirstOrDefault(path => !path.Split('.').Any(part => part.All(char.IsAsciiDigit))) is { } end)
            throw config.Refused("ensure_weight_tying", $"{end} is adapted, and where head and embedding are one weight PEFT adapts both at once; where they are two, write false here");
        var modules = ModuleKeys.Of(config, adapted);
        var spec = new LoraSpec
        {
            R = config.Whole("r", 8, 1, 4096),
            LoraAlpha = config.Scale("lora_alpha", 8),
            LoraDropout = config.Dropout("lora_dropout"),
            FanInFanOut = config.IsTrue("fan_in_fan_out"),
            UseRslora = config.IsTrue("use_rslora"),
            InitLoraWeights = Start(config),
            Bias = Bias(config),
            LoraBias = config.IsTrue("lora_bias"),
            ModulesToSave = ModuleKeys.Saved(config),
            TrainableTokenIndices = config.WholesIn("trainable_token_indices", 0, 16_777_215),
            UseDora = config.IsTrue("use_dora"),
            TargetModules = modules.Targets,
            ExcludeModules = modules.Excluded,
            LayersToTransform = modules.Layers,
            LayersPattern = modules.Pattern,
            RankPattern = PatternKeys.Ranks(config),
            AlphaPattern = PatternKeys.Alphas(config),
        };
        return spec is { LoraBias: true, UseDora: true } or { LoraBias: true, StartsFromBase: true }
            ? throw config.Refused("lora_bias", "it belongs to plain LoRA, and use_dora or init_lora_weights asks for another kind")
            : spec;
    }

    private static LoraBias Bias(AdapterConfigFile config) => config["bias"] is not { } bias ? LoraBias.None
        : Array.IndexOf(Biases, bias.ToString()) is >= 0 and var index ? (LoraBias)index
        : throw config.Refused("bias", $"known: {string.Join(", ", Biases)}");

    private static string Start(AdapterConfigFile config) => config["init_lora_weights"] is not { ValueKind: JsonValueKind.String } start ? "default"
        : KnownStarts.Contains(start.GetString()) ? start.GetString()!
        : CleanStarts.Contains(start.GetString()) ? "default"
        : throw config.Refused("init_lora_weights", "such an adapter belongs to a base model that its start has changed; convert it to a plain LoRA adapter with PEFT first, or write true here and give that model as the base");

    /// <summary>Paths of the modules that tensors belong to: <c>base_model.model.PATH.lora_A.weight</c>.</summary>
    internal static IReadOnlyList<string> Adapted(IEnumerable<string> keys) => AdapterFolder.ModulesOf(keys, ".lora_");
}
