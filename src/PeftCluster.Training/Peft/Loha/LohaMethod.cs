using System.Globalization;
using System.Text.Json.Nodes;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Loha;

/// <summary>LoHa's registration.</summary>
internal sealed class LohaMethod : PeftMethod<LohaSpec>
{
    private static readonly string[] Factors = ["w1_a", "w1_b", "w2_a", "w2_b"];

    public override string PeftType => "LOHA";

    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors) => LohaAdapterConfig.Read(config, tensors.Select(tensor => tensor.Name));

    public override IReadOnlyDictionary<string, float> Neutral(MethodSpec spec) => Factors.ToDictionary(part => LohaLayer.KeyPart + part, _ => 0f);

    protected override AdapterPlan Plan(LohaSpec spec, ModelConfig model) => new LohaPlan(spec, model);

    protected override JsonObject Write(LohaSpec spec, VectorLayout layout, string baseModel) => LohaAdapterConfig.Of(spec, layout, baseModel);

    protected override string Describe(LohaSpec spec) =>
        string.Create(CultureInfo.InvariantCulture, $"A LoHa adapter of rank {spec.R} (α {spec.Alpha}) on {TargetModules.InWords(spec.TargetModules)}");
}

/// <summary>LoHa of a model.</summary>
public sealed class LohaPlan : ChangePlan
{
    private readonly LohaSpec _spec;

    /// <exception cref="BadInputException">A target that the model does not have.</exception>
    public LohaPlan(LohaSpec spec, ModelConfig model)
        : base([.. new TargetModules(spec.TargetModules ?? DefaultTargets.Lora(model), spec.ExcludeModules, spec.LayersToTransform, spec.LayersPattern).In(model).Select(layer => LohaLayer.Of(layer, spec))]) =>
        _spec = spec;

    public override MethodSpec Method => _spec;

    public override string Summary => string.Create(CultureInfo.InvariantCulture, $"LoHa r {_spec.R} on {Targets}");

    public override double Dropout => 0;

    private protected override ChangeDropout Dropouts => new(_spec.RankDropout, true, _spec.ModuleDropout);
}
