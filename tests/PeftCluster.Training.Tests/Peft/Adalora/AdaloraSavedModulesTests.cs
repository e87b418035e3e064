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

/// <summary>AdaLoRA with modules that are trained whole beside it, once ranks are pruned: they learn, are not pruned, do not change what is, and their file, whose tensors are others than the vector's, says them exactly.</summary>
public sealed class AdaloraSavedModulesTests
{
    private const int Steps = 6;
    private const string Head = "base_model.model.lm_head.weight";

    // 4 layers of rank 4 are pruned to 8 ranks together.
    private static readonly AdaloraSpec Alone = new() { InitR = 4, TargetR = 2, TotalStep = Steps };
    private static readonly AdaloraSpec Saving = Alone with { ModulesToSave = ["lm_head", "norm"] };

    private static readonly TrainingSpec Training = new()
    {
        Optim = OptimizerType.Sgd,
        LearningRate = 0.1,
        LrSchedulerType = LrSchedulerType.Constant,
        MaxGradNorm = 0,
        Sgd = new SgdSpec { Momentum = 0 },
    };

    [Fact]
    public Task They_learn_by_every_step_and_are_not_pruned() => OnDevice.Run(() =>
    {
        var (plan, start) = Begun(Saving);
        var trained = Trained(plan, start);
        foreach (var key in new[] { Head, "base_model.model.model.norm.weight" })
        {
            var summed = Enumerable.Range(0, Steps).Select(step => GradientOf(plan, step, key)).Aggregate((sum, gradient) => sum + gradient);
            GoldenFiles.Close(Slice(plan, start, key) - 0.1 * summed, Slice(plan, trained, key), 1e-5, key);
        }
    });

    [Fact]
    public Task The_ranks_that_are_pruned_are_those_without_them() => OnDevice.Run(() =>
    {
        var ((plan, start), (alone, startAlone)) = (Begun(Saving), Begun(Alone));
        var (trained, trainedAlone) = (Trained(plan, start), Trained(alone, startAlone));
        var ranks = alone.Layout.Slices.Where(slice => slice.Key.EndsWith("lora_E", StringComparison.Ordinal)).Select(slice => slice.Key).ToArray();
        Assert.Equal(8, ranks.Sum(key => Slice(plan, trained, key).ne(0).sum().item<long>()));
        Assert.All(alone.Layout.Slices, slice => Assert.Equal(
            Slice(alone, trainedAlone, slice.Key).data<float>().ToArray(), Slice(plan, trained, slice.Key).data<float>().ToArray()));
    });

    [Fact]
    public Task The_pruned_file_holds_them_and_gives_the_trained_logits_alone_and_merged() => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var (plan, start) = Begun(Saving);
        var trained = Trained(plan, start);
        using var folder = new TemporaryFolder();
        var job = new JobSpec { Name = "saved", Model = "base", Method = plan.Method, Data = new DataSpec { Train = "train.jsonl" }, Output = new OutputSpec { Folder = folder.Path } };
        AdapterExport.Write(folder.Path, job, TinyLlama.Config.Task, plan, trained, default);

        var file = GoldenFiles.Read(folder.Path, "adapter_model.safetensors");
        Assert.Equal(Slice(plan, trained, Head).data<float>().ToArray(), file[Head].data<float>().ToArray());
        var config = JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!;
        Assert.Equal("[\"lm_head\",\"norm\"]", config["modules_to_save"]!.ToJsonString());
        Assert.Equal(4, config["rank_pattern"]!.AsObject().Count);

        var read = AdapterFolder.Open(folder.Path, warning => Assert.Fail(warning));
        var pruned = AdapterPlan.Of(read.Method, TinyLlama.Config);
        Assert.True(pruned.Layout.Parameters < plan.Layout.Parameters);
        Assert.Null(pruned.Allocation);
        var vector = read.Read(pruned.Layout);
        using var merged = pruned.Merge(name => weights[name], vector);
        var expected = Logits(Adapted(plan, trained));
        GoldenFiles.Close(expected, Logits(Adapted(pruned, vector)), 1e-5, "read");
        GoldenFiles.Close(expected, Logits(TinyLlama.Config.Build(name => merged[name])), 1e-4, "merged");
        Assert.True((expected - Logits(TinyLlama.Config.Build(name => weights[name]))).abs().max().item<float>() > 0.1f);

        object Adapted(AdapterPlan of, float[] adapter)
        {
            var model = new AdaptedModel(TinyLlama.Config, name => weights[name], of);
            model.Vector.Load(adapter);
            return model.Model;
        }
    });

    private static Tensor Logits(object model)
    {
        var decoder = (Decoder)model;
        return decoder.Logits(decoder.Hidden(arange(8).view(1, 8)));
    }

    private static (AdapterPlan Plan, float[] Start) Begun(AdaloraSpec spec)
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var plan = AdapterPlan.Of(spec, TinyLlama.Config);
        var start = new float[plan.Layout.Length];
        plan.Initialise(start, 1, name => weights[name]);
        return (plan, start);
    }

    private static float[] Trained(AdapterPlan plan, float[] start)
    {
        var state = new AdapterState(plan.Layout, Training, 0, start, plan.Allocation);
        for (var step = 0; step < Steps; step++)
        {
            var gradient = new float[plan.Layout.Length];
            foreach (var slice in plan.Layout.Slices)
                GradientOf(plan, step, slice.Key).data<float>().ToArray().CopyTo(plan.Layout.Of(gradient, slice.Key));
            state.Advance(new LearningRateSchedule(Training, Steps), gradient);
        }
        return state.Adapter.ToArray();
    }

    // Of a tensor the same whatever else there is.
    private static Tensor GradientOf(AdapterPlan plan, int step, string key) =>
        randn([.. plan.Layout[key].Shape], generator: new Generator((ulong)(1000 * step + key.Sum(letter => letter))));

    private static Tensor Slice(AdapterPlan plan, float[] vector, string key) => GoldenCase.Of(plan.Layout[key], vector);
}
