using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Models;

/// <summary>Layers that are computed again in the backward pass: never another bit, and nothing of them kept.</summary>
public sealed class RecomputationTests
{
    private static readonly MethodSpec Dropped = new LoraSpec { R = 2, LoraDropout = 0.2, TargetModules = ["all-linear"] };

    public static TheoryData<string, MethodSpec> Cases => new([
        .. from model in new[] { "models/llama", "models/gemma2", "models/mistral", "models/gpt2", "models/gpt_neox", "models/t5", "models/t5-v1_1", "extra/bert", "extra/roberta" }
           from method in new[] { Dropped, new FullSpec() }
           select (model, method),
        .. from model in new[] { "models/llama", "models/t5" }
           from method in new MethodSpec[]
           {
               new Ia3Spec(), new LoraSpec { R = 2, UseDora = true, LoraDropout = 0.1 }, new LohaSpec { R = 2 }, new PromptTuningSpec { NumVirtualTokens = 3 },
               new PTuningSpec { NumVirtualTokens = 3, EncoderHiddenSize = 12 }, new PrefixTuningSpec { NumVirtualTokens = 3 },
               new PrefixTuningSpec { NumVirtualTokens = 3, PrefixProjection = true, EncoderHiddenSize = 12 },
           }
           select (model, method),
        ("models/mistral", new PrefixTuningSpec { NumVirtualTokens = 3 }),
        ("models/llama", new BottleneckSpec { Config = BottleneckPreset.ParBn, Dropout = 0.1 }),
        ("extra/bert", new BottleneckSpec { Config = BottleneckPreset.DoubleSeqBn }),
        ("models/gpt2", new BitFitSpec()),
    ]);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Gradients_have_the_same_bits_however_many_layers_are_computed_again(string model, MethodSpec method) => OnDevice.Run(() =>
    {
        using var micro = new GoldenMicro(model, method);
        var kept = micro.Bits(0, recomputed: 0);
        foreach (var layers in new[] { 1, 2, 3, 4 })
            Assert.Equal(kept, micro.Bits(0, layers));
        Assert.NotEqual(kept, micro.Bits(0, 4, step: 1, scale: 1.01f));
    });

    [Fact]
    public Task A_layer_with_nothing_to_train_below_it_is_computed_once_and_the_others_twice() => OnDevice.Run(() =>
    {
        using var weights = SharedWeights.Of(GoldenMicro.Folder("extra/llama"), default);
        using var recomputation = new Recomputation();
        using var leaf = zeros(1, requires_grad: true);
        var calls = new int[3];
        ILinear Counted(LinearShape shape, IPlainLinear plain) => shape.Path.EndsWith("q_proj", StringComparison.Ordinal)
            ? new Counting(plain, () => calls[int.Parse(shape.Path.Split('.')[2], System.Globalization.CultureInfo.InvariantCulture)]++, shape.Path.Contains(".1.", StringComparison.Ordinal) ? leaf : null)
            : plain;
        var model = (Decoder)weights.Config.Build(name => weights.Store[name], new Attachments { Linear = Counted, Recomputation = recomputation });
        recomputation.Begin(8);
        var hidden = model.Hidden(tensor(new long[] { 1, 2, 3, 4 }).view(1, 4));
        recomputation.End();
        Assert.Equal([1, 1, 1], calls);
        recomputation.Backward(hidden, ones_like(hidden, requires_grad: false));
        Assert.Equal([1, 2, 2], calls);
        Assert.NotEqual(0, leaf.grad!.item<float>());
    });

    [Theory]
    [InlineData("models/mistral")]
    [InlineData("models/t5")]
    public Task Neither_a_pass_nor_one_that_is_given_up_leaves_a_tensor_behind(string model) => OnDevice.Run(() =>
    {
        using var micro = new GoldenMicro(model, Dropped);
        micro.Bits(0, recomputed: 4);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        for (var time = 0; time < 3; time++)
        {
            micro.Bits(0, recomputed: 4);
            Assert.Equal(before, Tensor.TotalCount);
        }
        micro.GiveUp();
        micro.GiveUp();
        micro.Bits(0, recomputed: 4);
        Assert.Equal(before, Tensor.TotalCount);
    });

    /// <summary>A layer that says when it is asked; with a trained number it adds that one to what it gives.</summary>
    private sealed class Counting(ILinear inner, Action asked, Tensor? trained) : ILinear
    {
        public Tensor Forward(Tensor x)
        {
            asked();
            return trained is null ? inner.Forward(x) : inner.Forward(x) + trained;
        }
    }
}
