using System.Globalization;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.TrainableTokens;

/// <summary>Trainable tokens' registration and its words in PEFT's configuration.</summary>
internal sealed class TrainableTokensMethod : PeftMethod<TrainableTokensSpec>
{
    // Keys of PEFT's TrainableTokensConfig, with its defaults.
    private const string Defaults = """
        {
          "auto_mapping": null, "base_model_name_or_path": null, "inference_mode": true, "init_weights": true, "peft_type": "TRAINABLE_TOKENS",
          "peft_version": null, "revision": null, "target_modules": null, "task_type": "CAUSAL_LM", "token_indices": []
        }
        """;

    public override string PeftType => "TRAINABLE_TOKENS";

    /// <summary>Which embedding it is, the tensor's key says too, and the model has one.</summary>
    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors)
    {
        config.WarnOfUnknown(JsonNode.Parse(Defaults)!.AsObject().Select(pair => pair.Key));
        return new TrainableTokensSpec { TokenIndices = config.WholesIn("token_indices", 0, 16_777_215) ?? throw config.Refused("token_indices", "the file has to name at least one token") };
    }

    protected override AdapterPlan Plan(TrainableTokensSpec spec, ModelConfig model) => new TrainableTokensPlan(spec, model);

    protected override JsonObject Write(TrainableTokensSpec spec, VectorLayout layout, string baseModel)
    {
        var config = JsonNode.Parse(Defaults)!.AsObject();
        config["base_model_name_or_path"] = baseModel;
        config["peft_version"] = AdapterExport.PeftVersion;
        // As PEFT fills it in: the embedding's whole path, as a text.
        config["target_modules"] = AdapterFolder.ModulesOf(layout.Slices.Select(slice => slice.Key), TokenRows.KeyEnd).Single();
        config["token_indices"] = new JsonArray([.. spec.TokenIndices!.Select(token => JsonValue.Create(token))]);
        return config;
    }

    protected override string Describe(TrainableTokensSpec spec) => string.Create(CultureInfo.InvariantCulture, $"{spec.TokenIndices?.Count} trained rows of the embedding (trainable tokens)");
}
