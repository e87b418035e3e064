using System.Text.Json.Nodes;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Combining;
using PeftCluster.Training.Inspection;
using PeftCluster.Training.Merging;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Peft.Lora;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Lora;

/// <summary>
/// A bias beside B (PEFT's lora_bias): y = W x + b₀ + s · (B (A x) + b). PEFT's files have no golden case of it; its formula is written out here with autograd. That of the head is in
/// <see cref="LoraHeadTests"/>.
/// </summary>
public sealed class LoraBiasTests
{
    private const string Q = "model.layers.0.self_attn.q_proj";

    private static readonly DecoderConfig Biased = TinyLlama.Config with { QueryKeyValueBias = true };

    // s = 3
    private static readonly LoraSpec Spec = new() { R = 4, LoraAlpha = 12, LoraBias = true };

    public static TheoryData<LoraSpec> Mergeable =>
    [
        Spec,
        Spec with { Bias = LoraBias.LoraOnly },
        Spec with { Bias = LoraBias.All, ModulesToSave = ["lm_head"] },
        Spec with { UseRslora = true, TargetModules = ["k_proj"], LayersToTransform = [1] },
    ];

    [Fact]
    public void It_stands_behind_B_and_begins_as_zero()
    {
        var plan = AdapterPlan.Of(Spec, TinyLlama.Config);
        Assert.Equal(["lora_A.weight", "lora_B.weight", "lora_B.bias"], plan.Layout.Slices.Take(3).Select(slice => slice.Key[$"base_model.model.{Q}.".Length..]));
        Assert.Equal([32L], plan.Layout.Slices[2].Shape);
        var start = new float[plan.Layout.Length];
        Array.Fill(start, 9);
        plan.Initialise(start, 7, name => throw new InvalidOperationException(name));
        Assert.All(plan.Layout.Of(start, $"base_model.model.{Q}.lora_B.bias").ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_and_B_begin_as_without_it()
    {
        var (with, without) = (AdapterPlan.Of(Spec, TinyLlama.Config), AdapterPlan.Of(Spec with { LoraBias = false }, TinyLlama.Config));
        var (one, other) = (new float[with.Layout.Length], new float[without.Layout.Length]);
        with.Initialise(one, 7, name => throw new InvalidOperationException(name));
        without.Initialise(other, 7, name => throw new InvalidOperationException(name));
        Assert.All(without.Layout.Slices, slice => Assert.Equal(without.Layout.Of(other, slice.Key).ToArray(), with.Layout.Of(one, slice.Key).ToArray()));
    }

    [Fact]
    public void It_learns_as_other_biases_do_in_LoRA_plus()
    {
        ParameterGroups(Spec, (1, true));
        ParameterGroups(Spec with { LoraplusLrRatio = 16 }, (16, false));
    }

    [Fact]
    public Task A_layer_adds_it_times_the_scale_and_autograd_gives_its_gradient() => OnDevice.Run(() =>
    {
        var generator = new Generator(3);
        Tensor Leaf(params long[] shape) => randn(shape, generator: generator).requires_grad_();
        var (weight, own, x, slope) = (randn([6, 5], generator: generator), randn([6], generator: generator), randn([2, 7, 5], generator: generator), randn([2, 7, 6], generator: generator));
        var (a, b, bias) = (Leaf(3, 5), Leaf(6, 3), Leaf(6));
        var expected = x.matmul(weight.t()) + own + 3 * (x.matmul(a.t()).matmul(b.t()) + bias);
        (expected * slope).sum().backward();
        Tensor[] gradients = [a.grad!.clone(), b.grad!.clone(), bias.grad!.clone()];
        foreach (var leaf in new[] { a, b, bias })
            leaf.grad!.zero_();

        var y = new LoraLinear(new Linear(weight, own), a, b, bias, 3, new AdapterDropout(0, 0), 0).Forward(x);

        GoldenFiles.Close(expected, y, 1e-6, "y");
        (y * slope).sum().backward();
        GoldenFiles.Close(gradients[0], a.grad!, 1e-5, "A");
        GoldenFiles.Close(gradients[1], b.grad!, 1e-5, "B");
        GoldenFiles.Close(gradients[2], bias.grad!, 1e-5, "its bias");
        GoldenFiles.Close(3 * slope.sum([0, 1]), bias.grad!, 1e-5, "s times the sum of slopes");
    });

    [Theory]
    [MemberData(nameof(Mergeable))]
    public Task The_merged_model_is_the_adapted_one(LoraSpec spec) => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(Biased);
        var (plan, vector) = Random(spec, Biased);
        using var adapted = new AdaptedModel(Biased, name => weights[name], plan);
        adapted.Vector.Load(vector);
        using var merged = plan.Merge(name => weights[name], vector);
        var ids = arange(8).view(1, 8);
        var (one, other) = ((Decoder)adapted.Model, (Decoder)Biased.Build(name => merged[name]));
        GoldenFiles.Close(one.Logits(one.Hidden(ids)), other.Logits(other.Hidden(ids)), 1e-5, "logits");
        var base_ = (Decoder)Biased.Build(name => weights[name]);
        Assert.True((base_.Hidden(ids) - one.Hidden(ids)).abs().max().item<float>() > 0.1f);
    });

    [Fact]
    public Task A_merged_bias_is_the_bases_or_the_trained_one_and_s_times_it() => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(Biased);
        Assert.Equal(Enumerable.Repeat(1 + 3 * 0.5f, 32), Merged(Spec, 0.5f));
        // The base's ones are trained to be 0.25.
        Assert.Equal(Enumerable.Repeat(0.25f + 3 * 0.25f, 32), Merged(Spec with { Bias = LoraBias.LoraOnly }, 0.25f));

        float[] Merged(LoraSpec spec, float everywhere)
        {
            var plan = AdapterPlan.Of(spec, Biased);
            using var merged = plan.Merge(name => weights[name], Enumerable.Repeat(everywhere, plan.Layout.Length).ToArray());
            Assert.Contains($"{Q}.bias", merged.Changed);
            using var taken = merged.Take($"{Q}.bias");
            return taken.data<float>().ToArray();
        }
    });

    [Fact]
    public void A_layer_without_a_bias_cannot_take_it()
    {
        var plan = AdapterPlan.Of(Spec, TinyLlama.Config);
        Assert.False(plan.CanMerge);
        Assert.Equal($"the adapter cannot be merged: lora_bias adds to each adapted layer's bias, and {Q} has none. Use the adapter beside its base.",
            Assert.Throws<BadInputException>(() => plan.Merge(name => throw new InvalidOperationException(name), new float[plan.Layout.Length])).Message);
        Assert.True(AdapterPlan.Of(Spec, Biased).CanMerge);
        Assert.False(AdapterPlan.Of(Spec with { TargetModules = ["q_proj", "lm_head"] }, Biased).CanMerge);
        Assert.False(AdapterPlan.Of(Spec with { TargetModules = ["q_proj", "o_proj"] }, Biased).CanMerge);
    }

    [Fact]
    public void An_embedding_takes_none() => Assert.Equal(
        "method.lora_bias: an embedding, model.embed_tokens, has no bias beside B. Leave it out of target_modules, or set lora_bias to false.",
        Assert.Throws<BadInputException>(() => AdapterPlan.Of(Spec with { TargetModules = ["embed_tokens"] }, TinyLlama.Config)).Message);

    [Fact]
    public Task Files_hold_it_as_PEFT_names_it_both_ways() => OnDevice.Run(() =>
    {
        using var folder = new TemporaryFolder();
        var vector = Written(folder.Path, Spec, Biased);
        Assert.True(JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!["lora_bias"]!.GetValue<bool>());
        Assert.Contains($"base_model.model.{Q}.lora_B.bias", GoldenFiles.Read(folder.Path, "adapter_model.safetensors").Keys);
        Assert.Contains("A LoRA adapter of rank 4 (α 12, with biases beside B, dropout 0)", File.ReadAllText(folder.File("README.md")), StringComparison.Ordinal);

        var read = AdapterFolder.Open(folder.Path, warning => Assert.Fail(warning));
        Assert.True(Assert.IsType<LoraSpec>(read.Method).LoraBias);
        Assert.Equal(vector, read.Read(AdapterPlan.Of(read.Method, Biased).Layout));
    });

    [Fact]
    public Task A_folder_is_merged_where_layers_have_a_bias_and_refused_where_not() => OnDevice.Run(() =>
    {
        using var folder = new TemporaryFolder();
        var (qwen, llama) = (GoldenFolder.Of("extra", "qwen2", "model"), GoldenFolder.Of("extra", "llama", "model"));
        Written(Directory.CreateDirectory(folder.File("of-qwen2")).FullName, Spec, ModelConfigFile.Load(qwen));
        Written(Directory.CreateDirectory(folder.File("of-llama")).FullName, Spec, ModelConfigFile.Load(llama));

        var result = AdapterMerge.Write(qwen, folder.File("of-qwen2"), folder.File("merged"), warning => Assert.Fail(warning), TestContext.Current.CancellationToken);
        var (before, after) = (GoldenFiles.Read(qwen, "model.safetensors"), GoldenFiles.Read(folder.File("merged"), "model.safetensors"));
        var bias = GoldenFiles.Read(folder.File("of-qwen2"), "adapter_model.safetensors")[$"base_model.model.{Q}.lora_B.bias"];
        GoldenFiles.Close(before[$"{Q}.bias"] + 3 * bias, after[$"{Q}.bias"], 1e-6, "bias");
        Assert.InRange(result.LogitDifference, 0, result.LogitLimit);

        Assert.Contains("lora_bias adds to each adapted layer's bias",
            Assert.Throws<BadInputException>(() => AdapterMerge.Write(llama, folder.File("of-llama"), folder.File("no"), warning => Assert.Fail(warning), TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(folder.File("no")));
    });

    [Fact]
    public Task Where_only_the_bias_has_learnt_the_adapter_does_something() => OnDevice.Run(() =>
    {
        using var folder = new TemporaryFolder();
        var plan = AdapterPlan.Of(Spec, TinyLlama.Config);
        var vector = new float[plan.Layout.Length];
        plan.Layout.Of(vector, $"base_model.model.{Q}.lora_B.bias").Fill(1);
        Export(folder.Path, plan, vector);
        var facts = AdapterInspection.Of(folder.Path, _ => { }, TestContext.Current.CancellationToken);
        Assert.Empty(facts.Warnings);
        Assert.Equal(4, facts.Changes.Count);
        Assert.Equal(plan.Layout.Parameters, facts.Trained);
    });

    [Fact]
    public Task PEFTs_sums_would_lose_it_so_it_is_not_combined() => OnDevice.Run(() =>
    {
        using var folder = new TemporaryFolder();
        Written(Directory.CreateDirectory(folder.File("a")).FullName, Spec, Biased);
        Assert.Contains("lora_B.bias\" cannot be combined", Assert.Throws<BadInputException>(() => AdapterCombination.Write(
            [folder.File("a"), folder.File("a")], folder.File("new"), new CombinationSpec(CombinationType.Cat, [1, 1]), _ => { }, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    });

    private static void ParameterGroups(LoraSpec spec, (double Factor, bool Decays) expected) => Assert.All(
        AdapterPlan.Of(spec, TinyLlama.Config).Layout.Slices.Where(slice => slice.Key.EndsWith("lora_B.bias", StringComparison.Ordinal)),
        slice => Assert.Equal(expected, (slice.Group.LearningRateFactor, slice.Group.WeightDecays)));

    private static (AdapterPlan Plan, float[] Vector) Random(LoraSpec spec, ModelConfig model)
    {
        var plan = AdapterPlan.Of(spec, model);
        return (plan, (randn([plan.Layout.Length], generator: new Generator(4)) * 0.3).data<float>().ToArray());
    }

    private static float[] Written(string folder, LoraSpec spec, ModelConfig model)
    {
        var (plan, _) = Random(spec, model);
        // Padding between tensors is in no file.
        var vector = new float[plan.Layout.Length];
        foreach (var slice in plan.Layout.Slices)
            (randn([slice.Length], generator: new Generator((ulong)slice.Offset)) * 0.3).data<float>().ToArray().CopyTo(plan.Layout.Of(vector, slice.Key));
        Export(folder, plan, vector);
        return vector;
    }

    private static void Export(string folder, AdapterPlan plan, float[] vector)
    {
        var job = new JobSpec { Name = "biased", Model = "base", Method = plan.Method, Data = new DataSpec { Train = "train.jsonl" }, Output = new OutputSpec { Folder = folder } };
        AdapterExport.Write(folder, job, TinyLlama.Config.Task, plan, vector, default);
    }
}
