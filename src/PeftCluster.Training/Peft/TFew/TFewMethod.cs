using System.Diagnostics;
using System.Text.Json.Nodes;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft.Ia3;

namespace PeftCluster.Training.Peft.TFew;

/// <summary>
/// T-Few's registration. Unusual: a recipe, not an adapter of its own: its plan is IA3's, so what is written is an IA3 adapter and is read as one.
/// </summary>
internal sealed class TFewMethod : PeftMethod<TFewSpec>
{
    private static readonly Ia3Method Adapter = new();

    public override string PeftType => Adapter.PeftType;

    public override bool Owns(AdapterConfigFile config) => false;

    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors) => throw new UnreachableException("adapters of T-Few are IA3's");

    protected override AdapterPlan Plan(TFewSpec spec, ModelConfig model)
    {
        if (model.Task == PeftTask.Classification)
            throw new BadInputException($"method: t-few learns by texts that a model writes, and a base model of model_type {model.ModelType} has classes. Take ia3.");
        // PEFT's own choice for mT5, wi_1's output, is no other than the input of wo; the paper's names it everywhere.
        return new Ia3Plan(model.Task == PeftTask.EncoderDecoder ? Ia3Of(spec) with { TargetModules = ["k", "v", "wo"], FeedforwardModules = ["wo"] } : Ia3Of(spec), model);
    }

    protected override JsonObject Write(TFewSpec spec, VectorLayout layout, string baseModel) => Adapter.Write(Ia3Of(spec), layout, baseModel);

    protected override string Describe(TFewSpec spec) => "An IA3 adapter on keys, values and feed-forward, by T-Few's recipe";

    private static Ia3Spec Ia3Of(TFewSpec spec) => new() { InitialAdapter = spec.InitialAdapter };
}
