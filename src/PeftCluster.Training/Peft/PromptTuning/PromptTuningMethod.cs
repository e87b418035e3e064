using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft.Prompts;

namespace PeftCluster.Training.Peft.PromptTuning;

/// <summary>Prompt tuning's registration and its words in PEFT's configuration.</summary>
internal sealed class PromptTuningMethod : PeftMethod<PromptTuningSpec>
{
    public override string PeftType => "PROMPT_TUNING";

    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors)
    {
        PromptAdapterConfig.Check(config, "prompt_tuning_init", "prompt_tuning_init_text", "tokenizer_kwargs", "tokenizer_name_or_path");
        var text = config["prompt_tuning_init_text"] is { ValueKind: JsonValueKind.String } given ? given.GetString() : null;
        return new PromptTuningSpec
        {
            NumVirtualTokens = PromptAdapterConfig.Places(config),
            PromptTuningInit = config["prompt_tuning_init"]?.ToString() switch
            {
                "TEXT" when text is not null => PromptTuningInit.Text,
                "SAMPLE_VOCAB" => PromptTuningInit.SampleVocab,
                _ => PromptTuningInit.Random,
            },
            PromptTuningInitText = config["prompt_tuning_init"]?.ToString() == "TEXT" ? text : null,
            ModulesToSave = ModuleKeys.Saved(config),
            Shape = PromptAdapterConfig.Shape(config),
            IsFinished = true,
        };
    }

    protected override AdapterPlan Plan(PromptTuningSpec spec, ModelConfig model) => new PromptTuningPlan(spec, model);

    protected override JsonObject Write(PromptTuningSpec spec, VectorLayout layout, string baseModel)
    {
        var config = PromptAdapterConfig.Of(PeftType, spec, spec.NumVirtualTokens, baseModel);
        config["prompt_tuning_init"] = spec.PromptTuningInit switch
        {
            PromptTuningInit.Text => "TEXT",
            PromptTuningInit.SampleVocab => "SAMPLE_VOCAB",
            _ => "RANDOM",
        };
        config["prompt_tuning_init_text"] = spec.PromptTuningInitText;
        config["tokenizer_kwargs"] = null;
        // PEFT refuses a text without it.
        config["tokenizer_name_or_path"] = spec.PromptTuningInit == PromptTuningInit.Text ? baseModel : null;
        return config;
    }

    protected override string Describe(PromptTuningSpec spec) => string.Create(CultureInfo.InvariantCulture,
        $"A prompt of {spec.NumVirtualTokens} trained virtual tokens (prompt tuning)");
}
