using PeftCluster.Jobs;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>Loss, logits, gradients, merged logits and four AdamW steps of every golden case whose method is known, against PEFT.</summary>
public sealed class MethodGoldenTests
{
    public static TheoryData<string> Cases => [.. GoldenFiles.Adapters.Where(folder => GoldenFiles.Has(Path.GetDirectoryName(folder)!, "logits") && GoldenFiles.Has(folder, "adamw_losses"))];

    /// <summary>Those whose file is what is trained; the others are in <see cref="PromptEncoderGoldenTests"/>.</summary>
    public static TheoryData<string> Trained => [.. Cases.Select(row => row.Data).Where(folder => !PromptEncoderGoldenTests.IsEncoded(folder))];

    [Fact]
    public void The_committed_cases_of_every_method_are_among_them() => Assert.Superset(
        new HashSet<string>
        {
            "gemma/dora", "gemma2/dora", "gpt2/dora", "gpt2/merge-dora", "gpt_neox/dora", "llama/dora", "llama3/dora", "mistral/dora", "phi3/dora", "qwen2/dora", "qwen3/dora",
            "bert/bottleneck-double_seq_bn", "bert/bottleneck-par_bn", "bert/bottleneck-seq_bn", "llama/bottleneck-double_seq_bn", "llama/bottleneck-par_bn", "llama/bottleneck-seq_bn",
            "gpt2/p-tuning", "gpt2/prefix", "gpt2/prefix-projected", "gpt2/prompt", "llama/p-tuning", "llama/prefix", "llama/prefix-projected", "llama/prompt",
            "gemma/prompt", "gemma2/prefix", "gpt_neox/prefix", "llama3/prefix", "mistral/prefix", "phi3/prefix", "qwen2/prefix", "qwen3/prefix",
            "llama/adalora", "llama/ia3", "llama/loha", "llama/lokr", "llama/lora", "llama/lora-all-rs", "llama/lora-embedding", "llama/lora-patterns", "llama/lora-regex", "llama/merge-dora", "llama/merge-ia3", "llama/modules-to-save-lm-head", "gpt2/lora-bias-all", "qwen2/lora-bias-lora-only", "qwen2/loraplus", "llama/lora-tokens", "llama/olora", "llama/pissa", "llama/vera", "gpt2/pissa", "qwen2/merge-ia3",
            "bert/bert-classify", "roberta/roberta-classify",
            "t5/dora", "t5/ia3", "t5/lora", "t5/lora-all-rs", "t5/p-tuning", "t5/prefix", "t5/prefix-projected", "t5/prompt",
            "t5-v1_1/dora", "t5-v1_1/ia3", "t5-v1_1/lora", "t5-v1_1/lora-all-rs", "t5-v1_1/p-tuning", "t5-v1_1/prefix", "t5-v1_1/prefix-projected", "t5-v1_1/prompt",
        },
        Cases.Select(row => GoldenFiles.NameOf(row.Data)).ToHashSet());

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Logits_and_loss_agree_with_PEFT(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        GoldenFiles.Close(golden.ExpectedLogits(), golden.Logits(), 1e-5, folder);
        GoldenFiles.Close(golden.Expected["loss"], tensor(new[] { (float)golden.Step() }), 1e-5, folder);
    });

    [Theory]
    [MemberData(nameof(Trained))]
    public Task Gradients_agree_with_PEFT(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        golden.Step();
        var gradient = new float[golden.Plan.Layout.Length];
        golden.Adapted.Vector.CopyGradient(gradient);
        Assert.Equal(golden.Expected.Keys.Count(key => key.StartsWith("grad.", StringComparison.Ordinal)), golden.Plan.Layout.Slices.Count);
        foreach (var slice in golden.Plan.Layout.Slices)
            GoldenFiles.Close(golden.Gradient(slice.Key), GoldenCase.Of(slice, gradient), 1e-4, slice.Key);
        golden.Adapted.Vector.CheckViews();
    });

    [Theory]
    [MemberData(nameof(Trained))]
    public Task Four_AdamW_steps_agree_with_PEFT(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        var adapter = golden.Adapter.ToArray();
        var (losses, first) = golden.Train(adapter);
        GoldenFiles.Close(golden.Expected["adamw_losses"], tensor(losses), 1e-5, "losses");
        foreach (var slice in golden.Plan.Layout.Slices)
        {
            // Adam turns a gradient that is only noise into a whole step.
            var noise = first.Skip(slice.Offset).Take(slice.Length).Max(MathF.Abs) * 1e-7f;
            var told = GoldenCase.Of(slice, first).abs().ge(noise).to(ScalarType.Float32);
            GoldenFiles.Close(golden.Expected[$"after.{slice.Key}"] * told, GoldenCase.Of(slice, adapter) * told, 1e-4, slice.Key);
        }
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Merged_weights_give_the_same_logits(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        if (!golden.Plan.CanMerge)
        {
            Assert.Contains("cannot be merged", Assert.Throws<BadInputException>(() => golden.Plan.Merge(name => golden.Weights.Store[name], golden.Adapter)).Message, StringComparison.Ordinal);
            return;
        }
        using var merged = golden.Plan.Merge(name => golden.Weights.Store[name], golden.Adapter);
        var seen = golden.Batch.Seen;
        var logits = golden.Batch.Logits(golden.Weights.Config.Build(name => merged[name])) * seen;
        GoldenFiles.Close(golden.Expected["logits"] * seen, logits, 1e-4, folder);
        if (golden.Expected.TryGetValue("merged_logits", out var expected))
            GoldenFiles.Close(expected * seen, logits, 1e-4, folder);
        foreach (var (name, weight) in golden.Expected.Where(pair => pair.Key.StartsWith("merged.", StringComparison.Ordinal)))
            GoldenFiles.Close(weight, merged[name["merged.".Length..]], 1e-4, name);
    });
}
