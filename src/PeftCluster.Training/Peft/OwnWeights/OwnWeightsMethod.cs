using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.OwnWeights;

/// <summary>
/// What BitFit and full fine-tuning have in common. PEFT has neither: the configuration is like PEFT's, and the weights are what
/// transformers itself loads.
/// </summary>
internal abstract class OwnWeightsMethod<TSpec> : PeftMethod<TSpec>
    where TSpec : MethodSpec, new()
{
    public sealed override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors)
    {
        config.WarnOfUnknown(["auto_mapping", "base_model_name_or_path", "inference_mode", "modules_to_save", "peft_type", "revision", "task_type"]);
        config.RefuseUnless("modules_to_save", null);
        return new TSpec();
    }

    public sealed override string Library => "transformers";

    public sealed override string Python(PeftTask task) => $"""
        from safetensors.torch import load_file
        from transformers import {task.AutoModel}, AutoTokenizer

        model = {task.AutoModel}.from_pretrained(base)
        model.load_state_dict(load_file("{AdapterFolder.WeightsName}"), strict=False)
        """;

    protected sealed override JsonObject Write(TSpec spec, VectorLayout layout, string baseModel) => new()
    {
        ["base_model_name_or_path"] = baseModel,
        ["inference_mode"] = true,
        ["peft_type"] = PeftType,
        ["task_type"] = null,
    };
}

/// <summary>BitFit's registration.</summary>
internal sealed class BitFitMethod : OwnWeightsMethod<BitFitSpec>
{
    public override string PeftType => "BITFIT";

    protected override AdapterPlan Plan(BitFitSpec spec, ModelConfig model) =>
        new OwnWeightsPlan(spec, model, "BitFit", name => name.EndsWith(".bias", StringComparison.Ordinal));

    protected override string Describe(BitFitSpec spec) => "Trained biases (BitFit)";
}

/// <summary>Full fine-tuning's registration.</summary>
internal sealed class FullMethod : OwnWeightsMethod<FullSpec>
{
    public override string PeftType => "FULL";

    protected override AdapterPlan Plan(FullSpec spec, ModelConfig model) => new OwnWeightsPlan(spec, model, "full fine-tuning", _ => true);

    protected override string Describe(FullSpec spec) => "Every weight, trained (full fine-tuning)";
}
