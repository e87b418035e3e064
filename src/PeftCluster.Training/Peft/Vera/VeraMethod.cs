using System.Globalization;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Peft.Vera;

/// <summary>VeRA's registration.</summary>
internal sealed class VeraMethod : PeftMethod<VeraSpec>
{
    public override string PeftType => "VERA";

    public override MethodSpec Read(AdapterConfigFile config, IReadOnlyList<SafetensorsEntry> tensors) => VeraAdapterConfig.Read(config, tensors.Select(tensor => tensor.Name));

    public override IReadOnlyDictionary<string, float> Neutral(MethodSpec spec) => new Dictionary<string, float> { [VeraLayer.KeyPart + "b"] = 0, [VeraLayer.KeyPart + "d"] = 0 };

    protected override AdapterPlan Plan(VeraSpec spec, ModelConfig model) => new VeraPlan(spec, model);

    protected override JsonObject Write(VeraSpec spec, VectorLayout layout, string baseModel) => VeraAdapterConfig.Of(spec, layout, baseModel);

    // The projections follow from the key; how large they are, from the largest target, which the file shows.
    protected override (VectorLayout Layout, float[] Values)? Untrained(VeraSpec spec, IReadOnlyList<SafetensorsEntry> tensors)
    {
        if (tensors.FirstOrDefault(tensor => tensor.Name == VeraLayer.A) is not { Shape: [_, var widest] } || tensors.FirstOrDefault(tensor => tensor.Name == VeraLayer.B) is not { Shape: [var tallest, _] })
            return null;
        var layout = VeraPlan.Projections(spec.R, widest, tallest);
        var values = new float[layout.Length];
        VeraPlan.Draw(layout, values, spec.ProjectionPrngKey);
        return (layout, values);
    }

    protected override string Describe(VeraSpec spec) => string.Create(CultureInfo.InvariantCulture,
        $"A VeRA adapter of rank {spec.R} (dropout {spec.VeraDropout}) on {TargetModules.InWords(spec.TargetModules)}");
}
