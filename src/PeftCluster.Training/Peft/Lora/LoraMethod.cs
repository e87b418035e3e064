using System.Globalization;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>LoRA's registration.</summary>
internal sealed class LoraMethod : PeftMethod<LoraSpec>
{
    public override string PeftType => "LORA";

    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors) =>
        LoraAdapterConfig.Read(config, LoraAdapterConfig.Adapted(tensors.Select(tensor => tensor.Name)));

    // DoRA's lengths and a bias beside B change something without B too; what is taken away of the base is not in the file.
    public override IReadOnlyDictionary<string, float> Neutral(MethodSpec spec) => (LoraSpec)spec is { UseDora: false, StartsFromBase: false, LoraBias: false }
        ? new Dictionary<string, float> { [LoraPair.EndOfA] = 0, [LoraPair.EndOfB] = 0, [LoraPair.EndOfEmbeddingA] = 0, [LoraPair.EndOfEmbeddingB] = 0 }
        : base.Neutral(spec);

    /// <summary>What people call the kind of LoRA that a spec asks for.</summary>
    public static string Name(LoraSpec spec) => $"{(spec.UseRslora ? "rs" : "")}{Kind(spec)}{(spec.LoraplusLrRatio is null ? "" : "+")}";

    protected override AdapterPlan Plan(LoraSpec spec, ModelConfig model) => new LoraPlan(spec, model);

    protected override JsonObject Write(LoraSpec spec, VectorLayout layout, string baseModel) => LoraAdapterConfig.Of(spec, layout, baseModel);

    protected override string Describe(LoraSpec spec) => string.Create(CultureInfo.InvariantCulture,
        $"{(spec.InitLoraWeights == "olora" ? "An" : "A")} {Kind(spec)} adapter of rank {spec.R} (α {spec.LoraAlpha}{(spec.UseRslora ? ", rank-stabilised" : "")}{(spec.LoraBias ? ", with biases beside B" : "")}, dropout {spec.LoraDropout}) on {TargetModules.InWords(spec.TargetModules)}");

    private static string Kind(LoraSpec spec) => spec.UseDora ? "DoRA" : spec.InitLoraWeights switch
    {
        "default" or "gaussian" => "LoRA",
        "olora" => "OLoRA",
        _ => "PiSSA",
    };
}
