using System.Text.Json.Nodes;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using PeftCluster.Training.Tests.Source;

namespace PeftCluster.Training.Tests.Peft.TFew;

/// <summary>T-Few's adapter is IA3's, and what training may start from.</summary>
public sealed class TFewTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData("t0-3b", 540_672)]
    [InlineData("t0-11b", 1_081_344)]
    public void The_papers_counts_of_trained_numbers(string model, int trained) => Assert.Equal(trained, AdapterPlan.Of(new TFewSpec(), PublishedShapes.Of(model)).Layout.Parameters);

    [Theory]
    [InlineData("t0-3b")]
    [InlineData("mt0-large")]
    public void Any_T5_gets_keys_values_and_the_input_of_the_last_feed_forward_layer_in_both_stacks(string model)
    {
        var config = PublishedShapes.Of(model);
        var slices = AdapterPlan.Of(new TFewSpec(), config).Layout.Slices;
        Assert.Equal(config.Linears.Count(layer => layer.Path.Split('.')[^1] is "k" or "v" or "wo"), slices.Count);
        Assert.All(slices, slice => Assert.Equal(slice.Key.EndsWith(".wo.ia3_l", StringComparison.Ordinal), slice.Shape[0] == 1));
    }

    [Fact]
    public void Another_family_gets_IA3s_own_modules() => Assert.Equal(
        AdapterPlan.Of(new Ia3Spec(), TinyLlama.Config).Layout.Hash, AdapterPlan.Of(new TFewSpec(), TinyLlama.Config).Layout.Hash);

    [Fact]
    public void A_classifier_is_refused() => Assert.Equal(
        "method: t-few learns by texts that a model writes, and a base model of model_type bert has classes. Take ia3.",
        Assert.Throws<BadInputException>(() => AdapterPlan.Of(new TFewSpec(), ModelConfigFile.Load(GoldenMicro.Folder("extra/bert")))).Message);

    [Fact]
    public async Task What_is_exported_is_an_IA3_adapter()
    {
        using var job = new TinyJob();
        using var folder = new TemporaryFolder();
        await using var device = job.Device();
        await using var source = await device.OpenAsync(SourceRequest.Own(job.Spec(new TFewSpec())), None);
        var adapter = await TinyJob.Adapter(source);
        await source.ExportAsync(adapter, folder.Path, None);
        var config = JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!;
        Assert.Equal("IA3", (string?)config["peft_type"]);
        Assert.Equal(["down_proj", "k_proj", "v_proj"], config["target_modules"]!.AsArray().Select(name => (string)name!).Order(StringComparer.Ordinal));
        Assert.Equal(["down_proj"], config["feedforward_modules"]!.AsArray().Select(name => (string)name!));
        Assert.IsType<Ia3Spec>(AdapterFolder.Open(folder.Path, Assert.Fail).Method);
    }

    [Fact]
    public void The_golden_adapter_of_PEFT_is_where_training_can_start()
    {
        var golden = GoldenFolder.Of("models", "t5-v1_1", "ia3");
        var adapter = AdapterFolder.Open(golden, Assert.Fail);
        var plan = AdapterPlan.Of(adapter.Method, ModelConfigFile.Load(GoldenMicro.Folder("models/t5-v1_1")));
        var due = adapter.Read(plan.Layout);
        Assert.Contains(due, value => value is not 1 and not 0);
        Assert.Equal(due, InitialAdapter.Read(golden, plan));
    }

    [Fact]
    public async Task Training_starts_from_the_adapter_and_not_from_ones()
    {
        using var job = new TinyJob();
        using var folder = new TemporaryFolder();
        await using var device = job.Device();
        float[] trained;
        await using (var first = await device.OpenAsync(SourceRequest.Own(job.Spec(new TFewSpec())), None))
        {
            trained = await TinyJob.Adapter(first);
            await first.ExportAsync(trained, folder.Path, None);
        }
        foreach (var method in new MethodSpec[] { new TFewSpec { InitialAdapter = folder.Path }, new Ia3Spec { InitialAdapter = folder.Path } })
        {
            await using var source = await device.OpenAsync(SourceRequest.Own(job.Spec(method)), None);
            var zero = new float[trained.Length];
            await source.InitialiseAsync(zero, None);
            var slices = (await source.DescribeAsync(None)).Layout.Slices;
            Assert.All(slices, slice => Assert.Equal(trained[slice.Offset..(slice.Offset + slice.Length)], zero[slice.Offset..(slice.Offset + slice.Length)]));
        }
    }

    [Fact]
    public async Task An_adapter_that_does_not_fit_is_refused_in_one_line()
    {
        using var job = new TinyJob();
        using var folder = new TemporaryFolder();
        var plan = AdapterPlan.Of(new TFewSpec(), TinyLlama.Config);
        Assert.StartsWith($"method.initial_adapter: {folder.File("none")}: there is no such folder.", Refusal(folder.File("none"), plan), StringComparison.Ordinal);
        await ExportAsync(job, new LoraSpec { R = 2 }, folder.File("lora"));
        Assert.Equal($"method.initial_adapter: {folder.File("lora")} is an adapter of lora, and training of ia3 starts from one of its own. Name another folder.", Refusal(folder.File("lora"), plan));
        await ExportAsync(job, new Ia3Spec { TargetModules = ["k_proj"], FeedforwardModules = [] }, folder.File("fewer"));
        Assert.Equal(
            $"method.initial_adapter: {folder.File("fewer")} has other vectors than are trained (IA3 on k_proj, v_proj, down_proj): base_model.model.model.layers.0.self_attn.v_proj.ia3_l is not there. Name another folder, or take ia3 with that adapter's target_modules and feedforward_modules.",
            Refusal(folder.File("fewer"), plan));
        await ExportAsync(job, new Ia3Spec { TargetModules = ["k_proj", "v_proj", "down_proj"], FeedforwardModules = [] }, folder.File("outputs"));
        Assert.Contains("[32, 1]", Refusal(folder.File("outputs"), plan), StringComparison.Ordinal);
        Assert.Contains(".wi_1.ia3_l is only there.", Refusal(GoldenFolder.Of("models", "t5-v1_1", "ia3"), AdapterPlan.Of(new TFewSpec(), ModelConfigFile.Load(GoldenMicro.Folder("models/t5-v1_1")))), StringComparison.Ordinal);
    }

    private static string Refusal(string folder, AdapterPlan plan) =>
        Assert.Throws<BadInputException>(() => InitialAdapter.Check(new TFewSpec { InitialAdapter = folder }, plan)).Message;

    private static async Task ExportAsync(TinyJob job, MethodSpec method, string folder)
    {
        Directory.CreateDirectory(folder);
        await using var device = job.Device();
        await using var source = await device.OpenAsync(SourceRequest.Own(job.Spec(method)), None);
        await source.ExportAsync(await TinyJob.Adapter(source), folder, None);
    }
}
