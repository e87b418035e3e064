using System.Numerics.Tensors;
using PeftCluster.Jobs.Spec;
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
}
