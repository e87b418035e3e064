using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>
/// How many numbers each method trains on published models. The counts of Llama 3.2 3B, Qwen 2.5 3B and mT0 large stand in PEFT's own
/// documents and results; the others follow from the methods' formulas.
/// </summary>
public sealed class TrainedCountTests
{
    [Theory]
    [InlineData("llama-2-7b", 8, 4_194_304)]
    [InlineData("llama-3-8b", 8, 3_407_872)]
    [InlineData("mistral-7b", 8, 3_407_872)]
    [InlineData("llama-3.2-3b", 32, 9_175_040)]
    [InlineData("llama-3.2-3b", 64, 18_350_080)]
    [InlineData("tinyllama-1.1b", 8, 1_126_400)]
    [InlineData("qwen2.5-0.5b", 8, 540_672)]
    [InlineData("qwen2.5-3b", 16, 3_686_400)]
    [InlineData("gpt2", 8, 294_912)]
    public void LoRA_on_the_familys_modules(string model, int rank, int trained) => Assert.Equal(trained, Count(model, new LoraSpec { R = rank }));

    [Theory]
    [InlineData("llama-2-7b", 39_976_960)]
    [InlineData("llama-3-8b", 41_943_040)]
    [InlineData("mistral-7b", 41_943_040)]
    public void LoRA_of_rank_16_on_all_linear_layers(string model, int trained) => Assert.Equal(trained, Count(model, new LoraSpec { R = 16, TargetModules = ["all-linear"] }));

    [Fact]
    public void DoRA_has_a_length_more_for_each_output() => Assert.Equal(9_289_728, Count("llama-3.2-3b", new LoraSpec { R = 32, UseDora = true }));

    [Fact]
    public void A_bias_beside_B_has_a_number_for_each_output_as_DoRA_has() => Assert.Equal(9_289_728, Count("llama-3.2-3b", new LoraSpec { R = 32, LoraBias = true }));

    [Fact]
    public void AdaLoRA_has_a_number_more_for_each_rank() => Assert.Equal(18_353_664, Count("llama-3.2-3b", new AdaloraSpec { InitR = 64 }));

    [Fact]
    public void AdaLoRA_takes_nearly_all_layers_of_a_T5() =>
        Assert.Equal(3 * (24 * (4 + 4 + 4) + 48), AdapterPlan.Of(new AdaloraSpec(), PublishedShapes.Of("t0-3b")).Layout.Slices.Count);

    [Fact]
    public void VeRA_has_two_vectors_for_each_layer() => Assert.Equal(129_024, Count("llama-3.2-3b", new VeraSpec()));

    [Fact]
    public void Trained_tokens_are_rows_of_the_embedding() => Assert.Equal(3 * 3072, Count("llama-3.2-3b", new TrainableTokensSpec { TokenIndices = [128_003, 128_004, 128_005] }));

    [Fact]
    public void LoHa_has_twice_LoRAs_and_LoKr_two_small_factors()
    {
        Assert.Equal(2 * 9_175_040, Count("llama-3.2-3b", new LohaSpec { R = 32 }));
        // q: 3072 = 48 · 64 both ways; v: 1024 = 32 · 32 outputs. w1, then w2 of rank 8.
        Assert.Equal(28 * (48 * 48 + 8 * (64 + 64) + 32 * 48 + 8 * (32 + 64)), Count("llama-3.2-3b", new LokrSpec()));
    }

    [Theory]
    [InlineData("llama-2-7b", 614_400)]
    [InlineData("llama-3-8b", 524_288)]
    [InlineData("mistral-7b", 524_288)]
    [InlineData("llama-3.2-3b", 286_720)]
    [InlineData("gpt2", 64_512)]
    [InlineData("t0-3b", 540_672)]
    [InlineData("t0-11b", 1_081_344)]
    [InlineData("mt0-large", 282_624)]
    public void IA3_on_the_familys_modules(string model, int trained) => Assert.Equal(trained, Count(model, new Ia3Spec()));

    [Fact]
    public void IA3_on_all_linear_layers_rescales_the_inputs_that_are_named() =>
        Assert.Equal(630_784, Count("llama-3.2-3b", new Ia3Spec { TargetModules = ["all-linear"], FeedforwardModules = ["gate_proj", "up_proj", "down_proj"] }));

    [Fact]
    public void Prompts_have_a_row_for_each_place()
    {
        Assert.Equal(2_867_200, Count("llama-3.2-3b", new PrefixTuningSpec { NumVirtualTokens = 50 }));
        Assert.Equal(28_382_208, Count("llama-3.2-3b", new PTuningSpec { NumVirtualTokens = 20 }));
        Assert.Equal(20 * 3072, Count("llama-3.2-3b", new PromptTuningSpec { NumVirtualTokens = 20 }));
        Assert.Equal(2 * 20 * 2048, Count("t0-3b", new PromptTuningSpec { NumVirtualTokens = 20 })); // rows for encoder and decoder, as in PEFT
    }

    [Theory]
    [InlineData("qwen2.5-3b", 3_089_625_088 - 3_686_400)]
    [InlineData("llama-2-7b", 6_738_415_616)]
    [InlineData("gpt2", 124_439_808)]
    [InlineData("t0-3b", 2_849_757_184)]
    public void The_models_own_numbers(string model, long parameters) => Assert.Equal(parameters, PublishedShapes.Of(model).Parameters);

    private static long Count(string model, MethodSpec method) => AdapterPlan.Of(method, PublishedShapes.Of(model)).Layout.Parameters;
}
