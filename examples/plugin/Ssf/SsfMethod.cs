using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;

namespace ExamplePlugin;

/// <summary>SSF's registration, and how its files say what was trained.</summary>
public sealed class SsfMethod : PeftMethod<SsfSpec>
{
    public override string PeftType => "SSF";

    public override string Library => "peftcluster";

    public override string Python(PeftTask task) => "# Not in PEFT: peft generate --model BASE --adapter . --plugin ExamplePlugin.dll --prompt \"…\"";

    protected override AdapterPlan Plan(SsfSpec spec, ModelConfig model) => new SsfPlan(spec, model);

    protected override JsonObject Write(SsfSpec spec, VectorLayout layout, string baseModel) => new()
    {
        ["base_model_name_or_path"] = baseModel,
        ["inference_mode"] = true,
        ["init_std"] = spec.InitStd,
        ["peft_type"] = PeftType,
        ["target_modules"] = TargetModules.Written(spec.TargetModules, AdapterFolder.ModulesOf(layout.Slices.Select(slice => slice.Key), SsfPlan.Scale)),
        ["task_type"] = null,
    };

    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors)
    {
        config.WarnOfUnknown(["base_model_name_or_path", "inference_mode", "init_std", "modules_to_save", "peft_type", "target_modules", "task_type"]);
        return new SsfSpec
        {
            TargetModules = config.ModulesIn("target_modules") ?? [.. AdapterFolder.ModulesOf(tensors.Select(tensor => tensor.Name), SsfPlan.Scale)],
            InitStd = config.Number("init_std", 0.02, value => value is >= 0 and <= 1, "a number from 0 to 1"),
        };
    }

    protected override string Describe(SsfSpec spec) => $"An SSF adapter (scaled and shifted features) on {TargetModules.InWords(spec.TargetModules)}";
}
