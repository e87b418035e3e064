using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Prompts;

/// <summary>The keys that PEFT's configurations of prompt methods share, read and written.</summary>
internal static class PromptAdapterConfig
{
    public const int MostPlaces = 4096;
    public const int MostWidth = 65_536;

    private const string Defaults = """
        {
          "auto_mapping": null, "base_model_name_or_path": null, "inference_mode": true, "modules_to_save": null,
          "num_attention_heads": null, "num_layers": null, "num_transformer_submodules": null, "num_virtual_tokens": null,
          "peft_type": null, "peft_version": null, "revision": null, "task_type": "CAUSAL_LM", "token_dim": null
        }
        """;

    /// <summary>The shared keys, filled in.</summary>
    /// <param name="peftType">The method's name in PEFT.</param>
    /// <param name="spec">The spec that a plan has completed.</param>
    /// <param name="places">num_virtual_tokens</param>
    /// <param name="baseModel">The base model's folder or name.</param>
    public static JsonObject Of(string peftType, PromptSpec spec, int places, string baseModel)
    {
        var config = JsonNode.Parse(Defaults)!.AsObject();
        config["base_model_name_or_path"] = baseModel;
        config["modules_to_save"] = ModuleKeys.Saved((spec as ISavesModules)?.ModulesToSave);
        config["num_virtual_tokens"] = places;
        config["peft_type"] = peftType;
        config["peft_version"] = AdapterExport.PeftVersion;
        if (spec.Shape is { } shape)
        {
            config["num_attention_heads"] = shape.Heads;
            config["num_layers"] = shape.Layers;
            config["num_transformer_submodules"] = shape.Submodules;
            config["token_dim"] = shape.TokenDim;
        }
        return config;
    }

    /// <summary>Warns of keys that nobody knows.</summary>
    /// <param name="config">The file.</param>
    /// <param name="own">The method's own keys.</param>
    public static void Check(AdapterConfigFile config, params string[] own) =>
        config.WarnOfUnknown(JsonNode.Parse(Defaults)!.AsObject().Select(pair => pair.Key).Concat(own));

    /// <summary>num_virtual_tokens; PEFT has no default.</summary>
    public static int Places(AdapterConfigFile config) => config.Whole("num_virtual_tokens", 0, 1, MostPlaces) is > 0 and var places
        ? places
        : throw config.Refused("num_virtual_tokens", $"the file has to say a whole number from 1 to {MostPlaces}");

    /// <summary>The numbers of the model; null where the file lacks one.</summary>
    public static PromptShape? Shape(AdapterConfigFile config)
    {
        int Number(string key) => config.Whole(key, 0, 1, int.MaxValue);
        var shape = new PromptShape(Number("num_layers"), Number("num_attention_heads"), Number("token_dim"), Number("num_transformer_submodules"));
        return shape is { Layers: > 0, Heads: > 0, TokenDim: > 0, Submodules: > 0 } ? shape : null;
    }

    /// <summary>encoder_hidden_size, or null.</summary>
    public static int? EncoderWidth(AdapterConfigFile config) => config.Whole("encoder_hidden_size", 0, 1, MostWidth) is > 0 and var width ? width : null;

    /// <summary>The model's numbers for rows of embeddings.</summary>
    public static PromptShape OfEmbeddings(ModelConfig model) => new(model.Layers, model.Heads, model.HiddenSize, Submodules(model));

    /// <summary>The model's numbers for keys and values.</summary>
    public static PromptShape OfKeys(ModelConfig model) => new(model.Layers, model.KeyHeads, model.KeyHeads * model.HeadSize, Submodules(model));

    /// <summary>Stacks that PEFT gives rows of embeddings to: encoder and decoder, or the decoder alone.</summary>
    public static int Submodules(ModelConfig model) => model.Task == PeftTask.EncoderDecoder ? 2 : 1;
}
