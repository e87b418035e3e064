using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>What holds for every method that adds a change to weights: it starts as the base, and merging computes the same.</summary>
public sealed class ChangePlanTests
{
    public static TheoryData<string> Methods => ["adalora", "loha", "lokr", "lokr-both", "lokr-whole", "lokr-factor", "vera", "vera-all"];

    [Theory]
    [MemberData(nameof(Methods))]
    public Task The_adapted_model_starts_as_the_base(string name) => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var plan = AdapterPlan.Of(Spec(name), TinyLlama.Config);
        var vector = Start(plan, 7);
        Assert.Equal(vector, Start(plan, 7));
        Assert.Contains(vector, value => value != 0);
        using var adapted = Adapted(plan, weights, vector);
        var ids = arange(8).view(1, 8);
        GoldenFiles.Close(TinyLlama.Config.Build(key => weights[key]).Hidden(ids), ((Decoder)adapted.Model).Hidden(ids), 1e-6, name);
    });

    [Theory]
    [MemberData(nameof(Methods))]
    public Task Merged_weights_compute_what_the_adapter_computes(string name) => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var plan = AdapterPlan.Of(Spec(name), TinyLlama.Config);
        var vector = Start(plan, 7);
        for (var index = 0; index < vector.Length; index++)
            vector[index] += MathF.Sin(index) * 0.1f;
        using var adapted = Adapted(plan, weights, vector);
        using var merged = plan.Merge(key => weights[key], vector);
        var ids = arange(8).view(1, 8);
        var hidden = ((Decoder)adapted.Model).Hidden(ids);
        Assert.True((hidden - TinyLlama.Config.Build(key => weights[key]).Hidden(ids)).abs().max().item<float>() > 0.01f);
        GoldenFiles.Close(hidden, TinyLlama.Config.Build(key => merged[key]).Hidden(ids), 1e-4, name);
    });

    private static MethodSpec Spec(string name) => name switch
    {
        "adalora" => new AdaloraSpec { InitR = 3, TargetR = 2, LoraAlpha = 300 },
        "loha" => new LohaSpec { R = 3, Alpha = 5, RankPattern = [new("v_proj", 2)] },
        "lokr" => new LokrSpec { R = 2, TargetModules = ["all-linear"] },
        "lokr-both" => new LokrSpec { R = 1, DecomposeBoth = true, TargetModules = ["all-linear"] },
        "lokr-whole" => new LokrSpec { R = 16, Alpha = 4 },
        "lokr-factor" => new LokrSpec { R = 2, DecomposeFactor = 2, TargetModules = ["v_proj", "down_proj"] },
        "vera" => new VeraSpec { R = 6 },
        _ => new VeraSpec { R = 20, TargetModules = ["all-linear"], ProjectionPrngKey = 3 },
    };

    private static float[] Start(AdapterPlan plan, long seed)
    {
        var vector = new float[plan.Layout.Length];
        plan.Initialise(vector, seed, name => throw new InvalidOperationException(name));
        return vector;
    }

    private static AdaptedModel Adapted(AdapterPlan plan, Dictionary<string, Tensor> weights, float[] vector)
    {
        var adapted = new AdaptedModel(TinyLlama.Config, key => weights[key], plan);
        adapted.Vector.Load(vector);
        return adapted;
    }
}
