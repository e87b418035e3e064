using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Ia3;

/// <summary>IA3's registration.</summary>
internal sealed class Ia3Method : PeftMethod<Ia3Spec>
{
    public override string PeftType => "IA3";

    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors) => Ia3AdapterConfig.Read(config, tensors);

    public override IReadOnlyDictionary<string, float> Neutral(MethodSpec spec) => new Dictionary<string, float> { [Ia3AdapterConfig.KeyEnd] = 1 };

    protected override AdapterPlan Plan(Ia3Spec spec, ModelConfig model) => new Ia3Plan(spec, model);

    protected override JsonObject Write(Ia3Spec spec, VectorLayout layout, string baseModel) => Ia3AdapterConfig.Of(spec, layout, baseModel);

    protected override string Describe(Ia3Spec spec) => $"An IA3 adapter on {TargetModules.InWords(spec.TargetModules)}";
}
