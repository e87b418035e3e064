using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Peft.Lora;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Lora;

/// <summary>
/// PiSSA and OLoRA with decompositions of our own, against PEFT's: a column of B and a row of A may both have the other sign, so products are compared.
/// </summary>
public sealed class BaseStartGoldenTests
{
    public static TheoryData<string> Cases => [.. GoldenFiles.Adapters.Where(folder => GoldenFiles.Has(folder, "converted_logits"))];

    [Fact]
    public void The_committed_cases_are_among_them() =>
        Assert.Superset(new HashSet<string> { "gpt2/pissa", "llama/olora", "llama/pissa" }, Cases.Select(row => GoldenFiles.NameOf(row.Data)).ToHashSet());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task The_start_is_that_part_of_the_weight_and_the_model_is_still_the_base(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        var start = Start(golden);
        foreach (var (name, expected) in golden.Expected.Where(pair => pair.Key.StartsWith("delta.", StringComparison.Ordinal)))
        {
            var delta = Delta(golden, start, name["delta.".Length..]);
            GoldenFiles.Close(expected, delta, 1e-5, name);
            GoldenFiles.Close(golden.Expected[name.Replace("delta.", "residual.", StringComparison.Ordinal)], golden.Weights.Store[$"{name["delta.".Length..]}.weight"] - delta, 1e-5, name);
        }
        golden.Adapted.Vector.Load(start);
        GoldenFiles.Close(Seen(golden, "base_logits"), Logits(golden.Adapted, golden), 1e-5, folder);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Training_agrees_and_the_exported_LoRA_works_on_the_base_as_it_is(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        var (adapter, losses) = Trained(golden);
        GoldenFiles.Close(golden.Expected["adamw_losses"], tensor(losses), 1e-5, "losses");
        foreach (var (name, expected) in golden.Expected.Where(pair => pair.Key.StartsWith("after_delta.", StringComparison.Ordinal)))
            GoldenFiles.Close(expected, Delta(golden, adapter, name["after_delta.".Length..]), 1e-4, name);

        WeightLookup weights = name => golden.Weights.Store[name];
        var exported = golden.Plan.Exported(adapter, golden.Plan.MakeFrozen(weights));
        var plain = Assert.IsType<LoraSpec>(exported.Method);
        Assert.Equal((8, 16.0, "default"), (plain.R, plain.LoraAlpha, plain.InitLoraWeights));
        using var adapted = new AdaptedModel(golden.Weights.Config, weights, AdapterPlan.Of(plain, golden.Weights.Config));
        Assert.Equal(adapted.Vector.Layout.Hash, exported.Layout.Hash);
        adapted.Vector.Load(exported.Vector.Span);
        GoldenFiles.Close(Seen(golden, "converted_logits"), Logits(adapted, golden), 1e-4, folder);
        golden.Adapted.Vector.Load(adapter);
        GoldenFiles.Close(Logits(golden.Adapted, golden), Logits(adapted, golden), 1e-5, folder);
    });

    private static (float[] Adapter, float[] Losses) Trained(GoldenCase golden)
    {
        var training = new TrainingSpec { LearningRate = 1e-2, WeightDecay = 0.01 };
        var optimizer = new AdamW(golden.Plan.Layout, training);
        var (adapter, gradient, losses) = (Start(golden), new float[golden.Plan.Layout.Length], new float[4]);
        for (var step = 0; step < losses.Length; step++)
        {
            golden.Adapted.Vector.Load(adapter);
            losses[step] = (float)golden.Step();
            golden.Adapted.Vector.CopyGradient(gradient);
            var correction = (double beta) => 1 - Math.Pow(beta, step + 1);
            optimizer.Apply(new StepScalars(training.LearningRate, correction(training.AdamBeta1), correction(training.AdamBeta2)), gradient, 1, adapter);
        }
        return (adapter, losses);
    }

    private static float[] Start(GoldenCase golden)
    {
        var start = new float[golden.Plan.Layout.Length];
        golden.Plan.Initialise(start, 3, name => golden.Weights.Store[name]);
        return start;
    }

    // s·B·A as the weight lies.
    private static Tensor Delta(GoldenCase golden, float[] adapter, string path)
    {
        Tensor Of(string part)
        {
            var slice = golden.Plan.Layout[$"base_model.model.{path}.{part}.weight"];
            return tensor(adapter[slice.Offset..(slice.Offset + slice.Length)], [.. slice.Shape]);
        }
        var layer = golden.Weights.Config.Linears.Single(linear => linear.Path == path);
        return layer.AsStored(Of("lora_B").mm(Of("lora_A")) * ((LoraPlan)golden.Plan).Scales[0]);
    }

    private static Tensor Logits(AdaptedModel adapted, GoldenCase golden) => golden.Batch.Logits(adapted.Model) * golden.Batch.Seen;

    private static Tensor Seen(GoldenCase golden, string name) => golden.Expected[name] * golden.Batch.Seen;
}
