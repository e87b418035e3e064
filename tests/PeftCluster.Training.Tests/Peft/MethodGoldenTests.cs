using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>Loss, logits, gradients, merged logits and four AdamW steps of every golden case whose method is known, against PEFT.</summary>
public sealed class MethodGoldenTests
{
    public static TheoryData<string> Cases => [.. GoldenFiles.Adapters.Where(folder => GoldenFiles.Has(Path.GetDirectoryName(folder)!, "logits") && GoldenFiles.Has(folder, "adamw_losses"))];

    [Fact]
    public void The_committed_cases_of_every_method_are_among_them() => Assert.Superset(
        new HashSet<string>
        {
            "gemma/dora", "gemma2/dora", "gpt2/dora", "gpt2/merge-dora", "gpt_neox/dora", "llama/dora", "llama3/dora", "mistral/dora", "phi3/dora", "qwen2/dora", "qwen3/dora",
            "llama/ia3", "llama/lora", "llama/lora-all-rs", "llama/lora-patterns", "llama/lora-regex", "llama/merge-dora", "llama/merge-ia3", "llama/olora", "llama/pissa", "gpt2/pissa", "qwen2/merge-ia3",
            "bert/bert-classify", "roberta/roberta-classify", "t5/dora", "t5/ia3", "t5/lora", "t5/lora-all-rs", "t5-v1_1/dora", "t5-v1_1/ia3", "t5-v1_1/lora", "t5-v1_1/lora-all-rs",
        },
        Cases.Select(row => GoldenFiles.NameOf(row.Data)).ToHashSet());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Logits_and_loss_agree_with_PEFT(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        var seen = golden.Batch.Seen;
        GoldenFiles.Close(golden.Expected["logits"] * seen, golden.Batch.Logits(golden.Adapted.Model) * seen, 1e-5, folder);
        GoldenFiles.Close(golden.Expected["loss"], tensor(new[] { (float)golden.Step() }), 1e-5, folder);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Gradients_agree_with_PEFT(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        golden.Step();
        var gradient = new float[golden.Plan.Layout.Length];
        golden.Adapted.Vector.CopyGradient(gradient);
        Assert.Equal(golden.Expected.Keys.Count(key => key.StartsWith("grad.", StringComparison.Ordinal)), golden.Plan.Layout.Slices.Count);
        foreach (var slice in golden.Plan.Layout.Slices)
            GoldenFiles.Close(golden.Gradient(slice.Key), tensor(gradient[slice.Offset..(slice.Offset + slice.Length)], [.. slice.Shape]), 1e-4, slice.Key);
        golden.Adapted.Vector.CheckViews();
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Four_AdamW_steps_agree_with_PEFT(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        var training = new TrainingSpec { LearningRate = 1e-2, WeightDecay = 0.01 };
        var layout = golden.Plan.Layout;
        var optimizer = new AdamW(layout, training);
        var (adapter, gradient, first) = (golden.Adapter.ToArray(), new float[layout.Length], new float[layout.Length]);
        var losses = new float[4];
        for (var step = 0; step < 4; step++)
        {
            golden.Adapted.Vector.Load(adapter);
            losses[step] = (float)golden.Step();
            golden.Adapted.Vector.CopyGradient(gradient);
            if (step == 0)
            {
                gradient.CopyTo(first, 0);
                TakeTheirNoise(golden, gradient);
            }
            var correction = (double beta) => 1 - Math.Pow(beta, step + 1);
            optimizer.Apply(new StepScalars(training.LearningRate, correction(training.AdamBeta1), correction(training.AdamBeta2)), gradient, 1, adapter);
        }
        GoldenFiles.Close(golden.Expected["adamw_losses"], tensor(losses), 1e-5, "losses");
        foreach (var slice in layout.Slices)
        {
            // Adam turns a gradient that is only noise into a whole step.
            var noise = first.Skip(slice.Offset).Take(slice.Length).Max(MathF.Abs) * 1e-7f;
            var told = tensor(first[slice.Offset..(slice.Offset + slice.Length)], [.. slice.Shape]).abs().ge(noise).to(ScalarType.Float32);
            GoldenFiles.Close(golden.Expected[$"after.{slice.Key}"] * told, tensor(adapter[slice.Offset..(slice.Offset + slice.Length)], [.. slice.Shape]) * told, 1e-4, slice.Key);
        }
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Merged_weights_give_the_same_logits(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        using var merged = golden.Plan.Merge(name => golden.Weights.Store[name], golden.Adapter);
        var seen = golden.Batch.Seen;
        var logits = golden.Batch.Logits(golden.Weights.Config.Build(name => merged[name])) * seen;
        GoldenFiles.Close(golden.Expected["logits"] * seen, logits, 1e-4, folder);
        if (golden.Expected.TryGetValue("merged_logits", out var expected))
            GoldenFiles.Close(expected * seen, logits, 1e-4, folder);
        foreach (var (name, weight) in golden.Expected.Where(pair => pair.Key.StartsWith("merged.", StringComparison.Ordinal)))
            GoldenFiles.Close(weight, merged[name["merged.".Length..]], 1e-4, name);
    });

    // Adam turns any number into a whole step, and a gradient of some millionths of the tensor's largest is float32's rounding of larger
    // ones: another kernel has another one there, and the steps that follow are another way. So that number is theirs.
    private static void TakeTheirNoise(GoldenCase golden, float[] gradient)
    {
        foreach (var slice in golden.Plan.Layout.Slices)
        {
            var theirs = golden.Gradient(slice.Key).data<float>().ToArray();
            var noise = theirs.Max(MathF.Abs) * 1e-5f;
            for (var index = 0; index < theirs.Length; index++)
            {
                if (MathF.Abs(theirs[index]) < noise)
                    gradient[slice.Offset + index] = theirs[index];
            }
        }
    }
}
