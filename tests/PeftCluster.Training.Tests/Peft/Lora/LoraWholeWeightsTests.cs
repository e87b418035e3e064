using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;

namespace PeftCluster.Training.Tests.Peft.Lora;

/// <summary>Which of the model's own weights a LoRA job trains, and which it refuses to.</summary>
public sealed class LoraWholeWeightsTests
{
    [Fact]
    public void Modules_stand_behind_the_adapter_and_norms_learn_as_B_does_in_LoRA_plus()
    {
        var plan = AdapterPlan.Of(new LoraSpec { R = 4, LoraplusLrRatio = 16, ModulesToSave = ["lm_head", "norm"] }, TinyLlama.Config);
        Assert.Equal(["base_model.model.model.norm.weight", "base_model.model.lm_head.weight"], plan.Layout.Slices.Skip(8).Select(slice => slice.Key).OrderByDescending(key => key.Length));
        Assert.Equal([(16.0, false), (1.0, true)], plan.Layout.Slices.Skip(8).OrderByDescending(slice => slice.Key.Length).Select(slice => (slice.Group.LearningRateFactor, slice.Group.WeightDecays)));
        Assert.Equal("LoRA+ r 4 on q_proj, v_proj, and 2 of the model's weights", plan.Summary);
    }

    [Fact]
    public void What_cannot_be_trained_whole_is_refused_in_one_line()
    {
        Assert.StartsWith("method.modules_to_save: no module of this model with weights of its own is named \"score\".", Refusal(new LoraSpec { ModulesToSave = ["score"] }), StringComparison.Ordinal);
        Assert.StartsWith("method.modules_to_save: \"self_attn\" is a target of the adapter too (model.layers.0.self_attn.q_proj).", Refusal(new LoraSpec { ModulesToSave = ["self_attn"] }), StringComparison.Ordinal);
        Assert.StartsWith("method.modules_to_save: \"embed_tokens\" is shared with the output head",
            Assert.Throws<BadInputException>(() => AdapterPlan.Of(new LoraSpec { ModulesToSave = ["embed_tokens"] }, TinyLlama.Config with { TiedHead = true })).Message, StringComparison.Ordinal);
    }

    private static string Refusal(LoraSpec spec) => Assert.Throws<BadInputException>(() => AdapterPlan.Of(spec, TinyLlama.Config)).Message;
}
