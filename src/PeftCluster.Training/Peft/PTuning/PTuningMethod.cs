using System.Globalization;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft.Prompts;

namespace PeftCluster.Training.Peft.PTuning;

/// <summary>
/// P-tuning's registration and its words in PEFT's configuration. A file of an LSTM encoder is read like one of the MLP: it holds what
/// came out of either.
/// </summary>
internal sealed class PTuningMethod : PeftMethod<PTuningSpec>
{
    public override string PeftType => "P_TUNING";

    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors)
    {
        PromptAdapterConfig.Check(config, "encoder_dropout", "encoder_hidden_size", "encoder_num_layers", "encoder_reparameterization_type");
        return new PTuningSpec
        {
            NumVirtualTokens = PromptAdapterConfig.Places(config),
            EncoderHiddenSize = PromptAdapterConfig.EncoderWidth(config),
            ModulesToSave = ModuleKeys.Saved(config),
            Shape = PromptAdapterConfig.Shape(config),
            IsFinished = true,
        };
    }

    protected override AdapterPlan Plan(PTuningSpec spec, ModelConfig model) => new PTuningPlan(spec, model);

    protected override JsonObject Write(PTuningSpec spec, VectorLayout layout, string baseModel)
    {
        var config = PromptAdapterConfig.Of(PeftType, spec, spec.NumVirtualTokens, baseModel);
        // PEFT's MLP has three layers and no dropout, whatever these two say.
        config["encoder_dropout"] = PythonJson.Float(0);
        config["encoder_num_layers"] = 2;
        config["encoder_hidden_size"] = spec.EncoderHiddenSize;
        config["encoder_reparameterization_type"] = "MLP";
        return config;
    }

    protected override string Describe(PTuningSpec spec) => string.Create(CultureInfo.InvariantCulture,
        $"A prompt of {spec.NumVirtualTokens} virtual tokens out of a trained network (P-tuning)");
}
