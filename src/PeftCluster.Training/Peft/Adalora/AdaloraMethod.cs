using System.Globalization;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Adalora;

/// <summary>AdaLoRA's registration.</summary>
internal sealed class AdaloraMethod : PeftMethod<AdaloraSpec>
{
    public override string PeftType => "ADALORA";

    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors) => AdaloraAdapterConfig.Read(config, tensors.Select(tensor => tensor.Name));

    protected override AdapterPlan Plan(AdaloraSpec spec, ModelConfig model) => new AdaloraPlan(spec, model);

    protected override JsonObject Write(AdaloraSpec spec, VectorLayout layout, string baseModel) => AdaloraAdapterConfig.Of(spec, layout, baseModel);

    protected override string Describe(AdaloraSpec spec) => string.Create(CultureInfo.InvariantCulture,
        $"An AdaLoRA adapter of rank {spec.InitR}, pruned to {spec.TargetR} on average (α {spec.LoraAlpha}, dropout {spec.LoraDropout}) on {TargetModules.InWords(spec.TargetModules)}");
}
