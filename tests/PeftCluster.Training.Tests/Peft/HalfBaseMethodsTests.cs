using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>
/// Every method over a base of 16 bits in every family, against the same numbers of the base in float32. In bfloat16, with 8 bits of a fraction, each operation is off by up to 0.2 %:
/// logits of these models by less than 3 % of the largest, and gradients point the same way. Float16 is widened, so there the bits are float32's.
/// </summary>
public sealed class HalfBaseMethodsTests
{
    private static readonly string[] Families = ["models/llama", "models/gemma2", "models/mistral", "models/phi3", "models/gpt2", "models/gpt_neox", "models/t5", "models/t5-v1_1", "extra/bert", "extra/roberta"];

    private static readonly MethodSpec[] Everywhere =
    [
        new LoraSpec { R = 2, TargetModules = ["all-linear"], LoraDropout = 0.2 },
        new LoraSpec { R = 2, UseDora = true, LoraDropout = 0.1 },
        new LoraSpec { R = 2, InitLoraWeights = "pissa" },
        new AdaloraSpec { InitR = 4, TargetR = 2 },
        new VeraSpec { R = 8 },
        new LohaSpec { R = 2 },
        new LokrSpec { R = 2 },
        new Ia3Spec(),
        new PromptTuningSpec { NumVirtualTokens = 3 },
        new PTuningSpec { NumVirtualTokens = 3, EncoderHiddenSize = 12 },
        new PrefixTuningSpec { NumVirtualTokens = 3 },
        new PrefixTuningSpec { NumVirtualTokens = 3, PrefixProjection = true, EncoderHiddenSize = 12 },
        new BottleneckSpec { Config = BottleneckPreset.DoubleSeqBn },
        new FullSpec(),
    ];

    public static TheoryData<string, MethodSpec> Cases => new([
        .. from model in Families from method in Everywhere select (model, method),
        .. from model in new[] { "models/gpt2", "models/gpt_neox", "extra/bert", "extra/roberta" } select (model, (MethodSpec)new BitFitSpec()),
        .. from model in new[] { "models/llama", "models/gemma2", "models/gpt2", "models/t5" } select (model, (MethodSpec)new TrainableTokensSpec { TokenIndices = [17, 34, 31, 48] }),
        ("models/llama", new LoraSpec { R = 2, TargetModules = ["embed_tokens", "q_proj", "lm_head"] }),
        ("models/llama", new LoraSpec { R = 2, ModulesToSave = ["lm_head", "norm", "input_layernorm"] }),
        ("models/llama", new PrefixTuningSpec { NumVirtualTokens = 3, ModulesToSave = ["embed_tokens"] }),
        ("models/gpt2", new LoraSpec { R = 2, Bias = LoraBias.All }),
        ("extra/qwen2", new LoraSpec { R = 2, LoraBias = true, TargetModules = ["q_proj", "lm_head"] }),
        ("models/t5", new LoraSpec { R = 2, ModulesToSave = ["relative_attention_bias"] }),
    ]);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task In_bfloat16_logits_and_gradients_are_near_those_of_float32(string model, MethodSpec method) => OnDevice.Run(() =>
    {
        using var half = new GoldenMicro(model, method, BaseDtype.Bfloat16);
        using var wide = new GoldenMicro(model, method, rounded: ScalarType.BFloat16);
        GoldenFiles.Close(wide.Logits(), half.Logits(), 3e-2, "logits");
        var (due, found) = (wide.Compute().Gradient, half.Compute().Gradient);
        Assert.InRange(TensorPrimitives.CosineSimilarity<float>(due, found), 0.99f, 1.0001f);
        Assert.InRange(TensorPrimitives.Norm<float>(found) / TensorPrimitives.Norm<float>(due), 0.97f, 1.03f);
        Assert.Equal(half.Bits(0, 0), half.Bits(0, recomputed: 2));
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task In_float16_the_bits_are_those_of_the_same_base_in_float32(string model, MethodSpec method) => OnDevice.Run(() =>
    {
        using var half = new GoldenMicro(model, method, BaseDtype.Float16);
        using var wide = new GoldenMicro(model, method, rounded: ScalarType.Float16);
        Assert.Equal(wide.Bits(0, 0), half.Bits(0, 0));
    });

    [Theory]
    [InlineData("models/gemma2")]
    [InlineData("models/gpt2")]
    [InlineData("models/t5")]
    [InlineData("extra/bert")]
    public Task Where_the_processor_has_no_products_of_bfloat16_the_bits_are_float32s(string model) => OnDevice.Run(() =>
    {
        using var weights = SharedWeights.Of(GoldenMicro.Folder(model), BaseDtype.Bfloat16, default);
        float[] Logits(WeightLookup lookup, bool multiplies)
        {
            using var noGraph = no_grad();
            var built = weights.Config.Build(lookup, new Attachments { MultipliesBfloat16 = multiplies });
            return built.Labelled(new PromptRows(1, _ => new[] { 3, 4, 5, 6, 7, 1 }, _ => 5)).Logits().data<float>().ToArray();
        }
        var due = Logits(name => weights.Store[name].to(ScalarType.Float32), multiplies: true);
        Assert.Equal(due, Logits(name => weights.Store[name], multiplies: false));
        Assert.NotEqual(due, Logits(name => weights.Store[name], multiplies: true));
    });

    [Theory]
    [InlineData("models/llama")]
    [InlineData("models/gemma2")]
    [InlineData("models/gpt2")]
    [InlineData("models/t5")]
    public Task Answers_go_on_from_the_cache_behind_a_learnt_prefix(string model) => OnDevice.Run(() =>
    {
        using var noGraph = no_grad();
        using var half = new GoldenMicro(model, new PrefixTuningSpec { NumVirtualTokens = 3 }, BaseDtype.Bfloat16);
        var answering = half.Model.AsLanguageModel().Begin(PromptRows.Questions([[3, 4, 5], [6, 7, 8]])).Model;
        var cache = answering.NewCache(2, 8);
        answering.Hidden(tensor(new long[] { 9, 10, 11, 12, 13, 14 }).view(2, 3), cache);
        var extended = answering.Logits(answering.Extend(tensor(new long[] { 15, 16 }).view(2, 1), cache, [3, 3]));
        var whole = answering.Logits(answering.Hidden(tensor(new long[] { 9, 10, 11, 15, 12, 13, 14, 16 }).view(2, 4)).narrow(1, 3, 1));
        GoldenFiles.Close(whole, extended, 3e-2, model);
    });

    [Fact]
    public unsafe void Where_a_weight_of_16_bits_lies_changes_no_bit_of_its_products()
    {
        var generator = new Generator(3);
        foreach (var (rows, inputs, outputs) in new[] { (1, 64, 48), (16, 512, 256), (5, 70, 33), (64, 44, 32) })
        {
            using var scope = NewDisposeScope();
            var (x, weight) = (randn(rows, inputs, generator: generator).to(ScalarType.BFloat16), randn(outputs, inputs, generator: generator).to(ScalarType.BFloat16));
            var (due, back) = (x.matmul(weight.t()).bytes.ToArray(), ones(rows, outputs, ScalarType.BFloat16).matmul(weight).bytes.ToArray());
            using var room = new AlignedRoom(weight.bytes.Length + 64);
            foreach (var offset in new[] { 0, 2, 8, 22, 40, 62 })
            {
                weight.bytes.CopyTo(room.From(offset));
                var elsewhere = NativeOperations.Over(room.Start + offset, weight.shape, ScalarType.BFloat16);
                Assert.Equal(due, x.matmul(elsewhere.t()).bytes.ToArray());
                Assert.Equal(back, ones(rows, outputs, ScalarType.BFloat16).matmul(elsewhere).bytes.ToArray());
            }
        }
    }

    /// <summary>Memory that begins on a 64-byte boundary.</summary>
    private sealed unsafe class AlignedRoom(int length) : IDisposable
    {
        public byte* Start { get; } = (byte*)NativeMemory.AlignedAlloc((nuint)length, 64);

        public Span<byte> From(int offset) => new(Start + offset, length - offset);

        public void Dispose() => NativeMemory.AlignedFree(Start);
    }
}
