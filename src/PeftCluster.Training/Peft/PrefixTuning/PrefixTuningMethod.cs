using System.Globalization;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft.Prompts;

namespace PeftCluster.Training.Peft.PrefixTuning;

/// <summary>Prefix tuning's registration and its words in PEFT's configuration.</summary>
internal sealed class PrefixTuningMethod : PeftMethod<PrefixTuningSpec>
{
    public override string PeftType => "PREFIX_TUNING";

    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors)
    {
        PromptAdapterConfig.Check(config, "encoder_hidden_size", "init_weights", "prefix_projection");
        return new PrefixTuningSpec
        {
            NumVirtualTokens = PromptAdapterConfig.Places(config),
            PrefixProjection = config.IsTrue("prefix_projection"),
            EncoderHiddenSize = PromptAdapterConfig.EncoderWidth(config),
            InitWeights = config["init_weights"]?.ToString() == "zero" ? PrefixInit.Zero : PrefixInit.Normal,
            ModulesToSave = ModuleKeys.Saved(config),
            Shape = PromptAdapterConfig.Shape(config),
            IsFinished = true,
        };
    }

    protected override AdapterPlan Plan(PrefixTuningSpec spec, ModelConfig model) => new PrefixTuningPlan(spec, model);

    protected override JsonObject Write(PrefixTuningSpec spec, VectorLayout layout, string baseModel)
    {
        var config = PromptAdapterConfig.Of(PeftType, spec, spec.NumVirtualTokens, baseModel);
        config["encoder_hidden_size"] = spec.EncoderHiddenSize;
        config["init_weights"] = spec.InitWeights == PrefixInit.Zero ? "zero" : null;
        config["prefix_projection"] = spec.PrefixProjection;
        return config;
    }

    protected override string Describe(PrefixTuningSpec spec) => string.Create(CultureInfo.InvariantCulture,
        $"A prefix of {spec.NumVirtualTokens} trained keys and values in every layer (prefix tuning{(spec.PrefixProjection ? ", out of a trained network" : "")})");
}
