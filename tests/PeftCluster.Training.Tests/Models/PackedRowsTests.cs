using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Tests.Golden;

namespace PeftCluster.Training.Tests.Models;

/// <summary>Several rows in one padded row, with dropout and noise on: as each alone.</summary>
public sealed class PackedRowsTests
{
    private static readonly MethodSpec Dropped = new LoraSpec { R = 2, LoraDropout = 0.2, TargetModules = ["all-linear"] };

    public static TheoryData<string, MethodSpec> Cases => new([
        .. from model in new[] { "models/llama", "models/llama3", "models/gemma", "models/gemma2", "models/mistral", "models/qwen2", "models/qwen3", "models/phi3", "models/gpt2", "models/gpt_neox", "extra/rope-dynamic", "extra/rope-longrope" }
           select (model, Dropped),
        .. from model in new[] { "models/llama", "models/gpt2", "models/gemma2" }
           from method in new MethodSpec[] { new Ia3Spec(), new PrefixTuningSpec { NumVirtualTokens = 3 }, new BottleneckSpec { Config = BottleneckPreset.ParBn, Dropout = 0.1 }, new FullSpec() }
           select (model, method),
        ("models/llama", new LoraSpec { R = 2, TargetModules = ["embed_tokens", "lm_head", "q_proj"], LoraDropout = 0.2 }),
    ]);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Loss_and_gradient_are_those_of_the_rows_alone(string model, MethodSpec method) => OnDevice.Run(() =>
    {
        using var micro = new GoldenMicro(model, method);

        var (loss, alone) = micro.Compute();
        var (packedLoss, packed) = micro.Compute(packed: true);

        Assert.Equal(loss, packedLoss, 1e-5 * Math.Abs(loss));
        var largest = alone.Max(MathF.Abs);
        Assert.True(alone.Zip(packed, (one, other) => MathF.Abs(one - other)).Max() <= 2e-5 * largest);
        // Dropout and noise are on: another step's are others.
        Assert.NotEqual(packed, micro.Compute(step: 1, packed: true).Gradient);
    });

    [Fact]
    public Task Layers_that_are_computed_again_change_no_bit() => OnDevice.Run(() =>
    {
        foreach (var model in new[] { "models/llama", "models/gemma2", "models/gpt2" })
        {
            using var micro = new GoldenMicro(model, Dropped);
            Assert.Equal(micro.Bits(0, 0, packed: true), micro.Bits(0, 2, packed: true));
        }
    });
}
