using System.Runtime.InteropServices;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using PeftCluster.Tests;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Source;
using PeftCluster.Training.Tests.Golden;
using PeftCluster.Training.Tests.Source;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Models;

/// <summary>Layers that are computed again in the backward pass: never another bit, and nothing of them kept.</summary>
public sealed class RecomputationTests
{
    private static readonly MemoryRows Texts = MemoryRows.Seeded(6);
    private static readonly MemoryRows Classes = new([.. Enumerable.Range(0, 6).Select(row => (Enumerable.Range(0, 5 + row).Select(token => 10 + row * 3 + token).Append(row % 3).ToArray(), 5 + row))]);

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
        using var micro = new Micro(model, method);
        var kept = micro.Bits(0, recomputed: 0);
        foreach (var layers in new[] { 1, 2, 3, 4 })
            Assert.Equal(kept, micro.Bits(0, layers));
        Assert.NotEqual(kept, micro.Bits(0, 4, step: 1, scale: 1.01f));
    });

    [Fact]
    public Task A_layer_with_nothing_to_train_below_it_is_computed_once_and_the_others_twice() => OnDevice.Run(() =>
    {
        using var weights = SharedWeights.Of(Folder("extra/llama"), default);
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
        using var micro = new Micro(model, Dropped);
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

    private static string Folder(string model) => Path.Combine(GoldenFolder.Of(model.Split('/')[0]), model.Split('/')[1], "model");

    /// <summary>A model with an adapter that is not at its start, and a micro-batch.</summary>
    private sealed class Micro : IDisposable
    {
        private readonly SharedWeights _weights;
        private readonly AdaptedModel _adapted;
        private readonly float[] _adapter;
        private readonly MemoryRows _rows;

        public Micro(string model, MethodSpec method)
        {
            _weights = SharedWeights.Of(Folder(model), default);
            var plan = AdapterPlan.Of(method, _weights.Config);
            _adapter = new float[plan.Layout.Length];
            plan.Initialise(_adapter, 3, name => _weights.Store[name]);
            for (var index = 0; index < _adapter.Length; index++)
                _adapter[index] += MathF.Sin(index) * 0.05f;
            _rows = _weights.Config.Task == PeftTask.Classification ? Classes : Texts;
            _adapted = new AdaptedModel(_weights.Config, name => _weights.Store[name], plan, seed: 7, noise: 5);
        }

        public string Bits(int shard, int recomputed, int step = 0, float scale = 1)
        {
            _adapted.Vector.Load(_adapter.Select(value => value * scale).ToArray());
            using var leaf = Leaf(recomputed);
            var result = leaf.Compute(Work(shard, step), default);
            _adapted.Vector.CheckViews();
            var gradient = new float[_adapter.Length];
            _adapted.Vector.CopyGradient(gradient);
            Assert.Contains(gradient, value => value != 0);
            return $"{result.LossSum:R} {Convert.ToHexString(MemoryMarshal.AsBytes<float>(gradient))}";
        }

        public void GiveUp()
        {
            using var scope = NewDisposeScope();
            using var leaf = Leaf(4);
            _ = leaf.Forward(Work(0, 0), default);
        }

        public void Dispose()
        {
            _adapted.Dispose();
            _weights.Dispose();
        }

        private MicroBatchGradient Leaf(int recomputed) => new(_adapted, _rows, recomputed: _ => recomputed);

        private GradientWork Work(int shard, int step) => new(step, new MicroBatch(shard, [0, 2, 5], 16, 20, 40), 40);
    }

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
