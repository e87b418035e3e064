using System.Globalization;
using System.Text.Json.Nodes;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Lokr;

/// <summary>LoKr's registration.</summary>
internal sealed class LokrMethod : PeftMethod<LokrSpec>
{
    private static readonly string[] Factors = ["w1", "w1_a", "w1_b", "w2", "w2_a", "w2_b"];

    public override string PeftType => "LOKR";

    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors) => LokrAdapterConfig.Read(config, tensors.Select(tensor => tensor.Name));

    public override IReadOnlyDictionary<string, float> Neutral(MethodSpec spec) => Factors.ToDictionary(part => LokrLayer.KeyPart + part, _ => 0f);

    protected override AdapterPlan Plan(LokrSpec spec, ModelConfig model) => new LokrPlan(spec, model);

    protected override JsonObject Write(LokrSpec spec, VectorLayout layout, string baseModel) => LokrAdapterConfig.Of(spec, layout, baseModel);

    protected override string Describe(LokrSpec spec) =>
        string.Create(CultureInfo.InvariantCulture, $"A LoKr adapter of rank {spec.R} (α {spec.Alpha}) on {TargetModules.InWords(spec.TargetModules)}");
}

/// <summary>LoKr of a model.</summary>
public sealed class LokrPlan : ChangePlan
{
    private readonly LokrSpec _spec;

    /// <exception cref="BadInputException">A target that the model does not have.</exception>
    public LokrPlan(LokrSpec spec, ModelConfig model)
        : base([.. new TargetModules(spec.TargetModules ?? DefaultTargets.Lora(model), spec.ExcludeModules, spec.LayersToTransform, spec.LayersPattern).In(model).Select(layer => LokrLayer.Of(layer, spec))]) =>
        _spec = spec;

    public override MethodSpec Method => _spec;

    public override string Summary => string.Create(CultureInfo.InvariantCulture, $"LoKr r {_spec.R} on {Targets}");

    public override double Dropout => 0;

    private protected override ChangeDropout Dropouts => new(_spec.RankDropout, _spec.RankDropoutScale, _spec.ModuleDropout);
}
