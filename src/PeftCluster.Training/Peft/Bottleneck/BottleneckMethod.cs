using System.Globalization;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Bottleneck;

/// <summary>Bottleneck adapters' registration. Their files are AdapterHub's, not PEFT's: other names, and a configuration inside the configuration.</summary>
internal sealed class BottleneckMethod : PeftMethod<BottleneckSpec>
{
    public override string PeftType => "BOTTLENECK";

    public override string WeightsName => AdapterHubNames.Weights;

    public override string Library => "adapters";

    /// <summary>AdapterHub's files have no peft_type; they have a version.</summary>
    public override bool Owns(AdapterConfigFile config) =>
        config["peft_type"] is null && config["version"]?.ToString().StartsWith("adapters.", StringComparison.Ordinal) == true;

    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors) => BottleneckAdapterConfig.Read(config) with
    {
        HasNoHead = !tensors.Any(tensor => tensor.Name.StartsWith(AdapterFolder.KeyPrefix, StringComparison.Ordinal)),
    };

    public override string Python(PeftTask task) => $"""
        import adapters
        from transformers import {task.AutoModel}, AutoTokenizer

        model = {task.AutoModel}.from_pretrained(base)
        adapters.init(model)
        model.load_adapter(".", set_active=True)
        """;

    protected override AdapterPlan Plan(BottleneckSpec spec, ModelConfig model) => new BottleneckPlan(spec, model);

    protected override JsonObject Write(BottleneckSpec spec, VectorLayout layout, string baseModel) => BottleneckAdapterConfig.Of(spec, baseModel);

    protected override string Describe(BottleneckSpec spec) => string.Create(CultureInfo.InvariantCulture,
        $"Bottleneck adapters ({spec.Config switch { BottleneckPreset.DoubleSeqBn => "double_seq_bn", BottleneckPreset.ParBn => "par_bn", _ => "seq_bn" }})");
}
