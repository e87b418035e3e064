using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Schedules;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Adalora;

/// <summary>What is AdaLoRA's own: the term of the loss, pruned files both ways, and what twelve steps of the coordinator make of the golden adapter.</summary>
public sealed class AdaloraGoldenTests
{
    public static TheoryData<string> Cases => [.. GoldenFiles.Adapters.Where(folder => File.Exists(Path.Combine(folder, "final", "adapter_config.json")))];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task The_term_of_the_adapter_alone_is_half_its_orthogonality(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        golden.Adapted.Vector.ClearGradient();
        GoldenFiles.Close(golden.Expected["orth_loss"], tensor(new[] { (float)golden.Adapted.AddAdapterLoss() / 0.5f }), 1e-5, "orthogonality");
        GoldenFiles.Close(golden.Expected["loss"] - golden.Expected["task_loss"], tensor(new[] { (float)golden.Adapted.AddAdapterLoss() }), 1e-5, "its weight");
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task PEFTs_file_of_pruned_ranks_gives_its_logits_alone_and_merged(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        var (plan, adapter) = Opened(Path.Combine(folder, "final"), golden.Weights.Config);
        var expected = golden.Expected["final_logits_reloaded"] * golden.Batch.Seen;
        GoldenFiles.Close(expected, Logits(golden, plan, adapter), 1e-5, "logits");
        using var merged = plan.Merge(name => golden.Weights.Store[name], adapter);
        GoldenFiles.Close(expected, golden.Batch.Logits(golden.Weights.Config.Build(name => merged[name])) * golden.Batch.Seen, 1e-4, "merged");
        Assert.Null(plan.Allocation);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Twelve_steps_end_in_the_file_that_PEFT_writes(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        var training = new TrainingSpec { Optim = OptimizerType.Sgd, LearningRate = 0.01, LrSchedulerType = LrSchedulerType.Constant, MaxGradNorm = 0, Sgd = new SgdSpec { Momentum = 0 } };
        var state = new AdapterState(golden.Plan.Layout, training, 0, golden.Adapter, golden.Plan.Allocation);
        for (var step = 0; step < 12; step++)
            state.Advance(new LearningRateSchedule(training, 12), Gradient(golden, step));
        GoldenFiles.Close(golden.Expected["final_logits"] * golden.Batch.Seen, Logits(golden, golden.Plan, state.Adapter.ToArray()), 1e-4, "logits");

        using var ours = new TemporaryFolder();
        Write(ours.Path, golden, state.Adapter);
        var theirs = GoldenFiles.Read(folder, "final", "adapter_model.safetensors");
        var written = GoldenFiles.Read(ours.Path, "adapter_model.safetensors");
        Assert.Equal(theirs.Keys.Order(StringComparer.Ordinal), written.Keys.Order(StringComparer.Ordinal));
        Assert.All(theirs, pair => GoldenFiles.Close(pair.Value, written[pair.Key], 1e-4, pair.Key));
        var (their, our) = (Config(Path.Combine(folder, "final")), Config(ours.Path));
        Assert.Equal(their.Select(pair => pair.Key), our.Select(pair => pair.Key));
        Assert.All(their.Where(pair => pair.Key is not ("peft_version" or "target_modules")), pair => Assert.True(JsonNode.DeepEquals(pair.Value, our[pair.Key]), pair.Key));
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_layer_that_has_lost_every_rank_is_written_read_and_computed(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        var adapter = golden.Adapter.ToArray();
        golden.Plan.Layout.Of(adapter, golden.Plan.Layout.Slices.First(slice => slice.Key.EndsWith("lora_E", StringComparison.Ordinal)).Key).Clear();
        using var file = new TemporaryFolder();
        Write(file.Path, golden, adapter);
        var (plan, pruned) = Opened(file.Path, golden.Weights.Config);
        Assert.Contains(plan.Layout.Slices, slice => slice.Length == 0);
        GoldenFiles.Close(Logits(golden, golden.Plan, adapter), Logits(golden, plan, pruned), 1e-5, "logits");
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task An_adapter_that_has_learnt_nothing_is_written_whole(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        var adapter = new float[golden.Adapter.Length];
        golden.Plan.Initialise(adapter, 3, name => golden.Weights.Store[name]);
        using var file = new TemporaryFolder();
        Write(file.Path, golden, adapter);
        var (plan, read) = Opened(file.Path, golden.Weights.Config);
        Assert.Equal(golden.Plan.Layout.Hash, plan.Layout.Hash);
        Assert.Equal(adapter, read);
    });

    private static (AdapterPlan Plan, float[] Adapter) Opened(string folder, ModelConfig model)
    {
        var file = AdapterFolder.Open(folder, warning => Assert.Fail(warning));
        var plan = AdapterPlan.Of(file.Method, model);
        return (plan, file.Read(plan.Layout));
    }

    private static Tensor Logits(GoldenCase golden, AdapterPlan plan, float[] adapter)
    {
        using var adapted = new AdaptedModel(golden.Weights.Config, name => golden.Weights.Store[name], plan);
        adapted.Vector.Load(adapter);
        return golden.Batch.Logits(adapted.Model) * golden.Batch.Seen;
    }

    private static void Write(string folder, GoldenCase golden, ReadOnlyMemory<float> adapter)
    {
        var job = new JobSpec { Name = "golden", Model = "", Method = golden.Plan.Method, Data = new DataSpec { Train = "train.jsonl" }, Output = new OutputSpec { Folder = folder } };
        AdapterExport.Write(folder, job, golden.Weights.Config.Task, golden.Plan, adapter, default);
    }

    private static float[] Gradient(GoldenCase golden, int step)
    {
        var gradient = new float[golden.Plan.Layout.Length];
        foreach (var slice in golden.Plan.Layout.Slices)
            golden.Expected[$"seq.grad.{slice.Key}"][step].data<float>().ToArray().CopyTo(gradient.AsSpan(slice.Offset, slice.Length));
        return gradient;
    }

    private static JsonObject Config(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json")))!.AsObject();
}
