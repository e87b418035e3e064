using PeftCluster.Jobs.Spec;
using PeftCluster.Tests;
using PeftCluster.Training.Models;
using PeftCluster.Training.Models.T5;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Peft.Bottleneck;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Bottleneck;

/// <summary>Bottleneck adapters in both stacks of T5, where AdapterHub has them. The networks themselves agree with AdapterHub's formulas in the golden cases of other families.</summary>
public sealed class BottleneckT5Tests
{
    [Theory]
    [InlineData("t5")]
    [InlineData("t5-v1_1")]
    public Task They_compute_and_learn_what_networks_behind_the_parts_last_layers_do(string name) => OnDevice.Run(() =>
    {
        var spec = new BottleneckSpec { Config = BottleneckPreset.DoubleSeqBn, ReductionFactor = 4, LeaveOut = [1] };
        using var golden = new GoldenCase(Path.Combine(GoldenFolder.Root, "models", name, "lora"), spec, Path.Combine(GoldenFolder.Root, "models", name));
        var adapter = (randn([golden.Plan.Layout.Length], generator: new Generator(4)) * 0.4).data<float>().ToArray();
        golden.Adapted.Vector.Load(adapter);
        golden.Step();
        using var vector = new TrainedVector(golden.Plan.Layout);
        vector.Load(adapter);
        var reference = golden.Weights.Config.Build(key => golden.Weights.Store[key], new Attachments
        {
            Linear = (shape, plain) => Part(shape.Path) is { } part && golden.Plan.Layout.Slices.Any(slice => slice.Key.StartsWith($"{part}.adapters.", StringComparison.Ordinal))
                ? new Behind(plain, new BottleneckKeys($"{part}.adapters.default"), vector)
                : plain,
        });
        var logits = golden.Batch.Labelled(reference);
        nn.functional.cross_entropy(logits.Logits(), logits.Places.Targets()).backward();
        GoldenFiles.Close(logits.Logits(), golden.Batch.Labelled(golden.Adapted.Model).Logits(), 1e-5, name);
        foreach (var slice in golden.Plan.Layout.Slices)
        {
            Assert.True(vector[slice.Key].grad!.abs().max().item<float>() > 0, slice.Key);
            GoldenFiles.Close(vector[slice.Key].grad!, golden.Adapted.Vector[slice.Key].grad!, 1e-4, slice.Key);
        }
    });

    [Fact]
    public void Keys_are_AdapterHubs_and_layers_are_counted_through_both_stacks()
    {
        var t5 = ModelConfigFile.Load(Path.Combine(GoldenFolder.Root, "models", "t5", "model"));
        string[] Places(BottleneckSpec spec) => [.. AdapterPlan.Of(spec, t5).Layout.Slices.Select(slice => slice.Key).Where(key => key.EndsWith(".adapter_up.weight", StringComparison.Ordinal)).Select(key => key[..^".adapters.default.adapter_up.weight".Length])];
        Assert.Equal(
            ["encoder.block.0.layer.0", "encoder.block.0.layer.1", "encoder.block.1.layer.0", "encoder.block.1.layer.1", "decoder.block.0.layer.0", "decoder.block.0.layer.2", "decoder.block.1.layer.0", "decoder.block.1.layer.2"],
            Places(new BottleneckSpec { Config = BottleneckPreset.DoubleSeqBn }));
        Assert.Equal(["encoder.block.0.layer.1", "encoder.block.1.layer.1", "decoder.block.1.layer.2"], Places(new BottleneckSpec { LeaveOut = [2] }));
        Assert.Equal("T5ForConditionalGeneration", AdapterHubNames.ClassOf(t5));
        Assert.Equal("MT5ForConditionalGeneration", AdapterHubNames.ClassOf(((T5Config)t5) with { ModelType = "mt5" }));
    }

    [Fact]
    public Task A_part_gives_its_residual_stream_too() => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(Path.Combine(GoldenFolder.Root, "models", "t5", "lora"), new BottleneckSpec { Config = BottleneckPreset.ParBn }, Path.Combine(GoldenFolder.Root, "models", "t5"));
        var config = golden.Weights.Config;
        var cancelled = config.Build(key => golden.Weights.Store[key], new Attachments { Block = (layer, part) => layer == config.Blocks - 1 && part == SubLayer.FeedForward ? new Cancel() : null });
        Assert.Equal(0, golden.Batch.Labelled(cancelled).Logits().abs().max().item<float>());
        // Parallel networks begin with nothing to add.
        GoldenFiles.Close(golden.Batch.Labelled(config.Build(key => golden.Weights.Store[key])).Logits(), golden.Batch.Labelled(golden.Adapted.Model).Logits(), 1e-6, "logits");
    });

    private static string? Part(string path) => path.EndsWith(".SelfAttention.o", StringComparison.Ordinal) || path.EndsWith(".wo", StringComparison.Ordinal)
        ? path[..path.LastIndexOf('.', path.LastIndexOf('.') - 1)]
        : null;

    private sealed class Behind(ILinear plain, BottleneckKeys keys, TrainedVector vector) : ILinear
    {
        public Tensor Forward(Tensor x)
        {
            var h = plain.Forward(x);
            return h + nn.functional.linear(nn.functional.silu(nn.functional.linear(h, vector[keys.DownWeight], vector[keys.DownBias])), vector[keys.UpWeight], vector[keys.UpBias]);
        }
    }

    private sealed class Cancel : IBlock
    {
        public Tensor Forward(Tensor output_BTD, Tensor residual_BTD, Func<Tensor, Tensor>? norm) => -residual_BTD;
    }
}
