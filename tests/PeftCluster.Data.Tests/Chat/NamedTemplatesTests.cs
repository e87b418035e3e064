using PeftCluster.Data.Chat;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Tests.Chat;

/// <summary>The formats that are known by name.</summary>
public sealed class NamedTemplatesTests
{
    private static readonly (string, string)[] Turns = [("user", "1+1?"), ("assistant", "2"), ("user", "Sure?"), ("assistant", "Yes.")];

    [Theory]
    [InlineData("alpaca", "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### Instruction:\n1+1?\n\n### Response:\n2</s>\n\n### Instruction:\nSure?\n\n### Response:\nYes.</s>", "### Response:\n")]
    [InlineData("chatml", "<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n2<|im_end|>\n<|im_start|>user\nSure?<|im_end|>\n<|im_start|>assistant\nYes.<|im_end|>\n", "<|im_start|>assistant\n")]
    [InlineData("gemma", "<bos><start_of_turn>user\n1+1?<end_of_turn>\n<start_of_turn>model\n2<end_of_turn>\n<start_of_turn>user\nSure?<end_of_turn>\n<start_of_turn>model\nYes.<end_of_turn>\n", "<start_of_turn>model\n")]
    [InlineData("llama-2", "<s>[INST] 1+1? [/INST] 2 </s><s>[INST] Sure? [/INST] Yes. </s>", "")]
    [InlineData("llama-3", "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n1+1?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n2<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nSure?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nYes.<|eot_id|>", "<|start_header_id|>assistant<|end_header_id|>\n\n")]
    [InlineData("mistral", "<s>[INST] 1+1? [/INST] 2</s>[INST] Sure? [/INST] Yes.</s>", "")]
    [InlineData("phi-3", "<|user|>\n1+1?<|end|>\n<|assistant|>\n2<|end|>\n<|user|>\nSure?<|end|>\n<|assistant|>\nYes.<|end|>\n", "<|assistant|>\n")]
    [InlineData("vicuna", "USER: 1+1? ASSISTANT: 2</s>USER: Sure? ASSISTANT: Yes.</s>", "ASSISTANT:")]
    [InlineData("zephyr", "<|user|>\n1+1?</s>\n<|assistant|>\n2</s>\n<|user|>\nSure?</s>\n<|assistant|>\nYes.</s>\n", "<|assistant|>\n")]
    public void A_format_is_known_by_its_name(string name, string expected, string prompt)
    {
        var template = NamedTemplates.Of(name);

        Assert.Equal(expected, template.Render(Talk.Of(Turns), Talk.Now).Text);
        var question = template.Render(Talk.Of(Turns[..3]), Talk.Now);
        Assert.Equal(question.Text + prompt, template.Render(Talk.Of(Turns[..3]), Talk.Now, addGenerationPrompt: true).Text);
        Assert.StartsWith(question.Text, expected, StringComparison.Ordinal);
        Assert.Contains(name, NamedTemplates.Names);
    }

    [Fact]
    public void Each_of_them_finds_what_the_assistant_says()
    {
        foreach (var name in NamedTemplates.Names)
        {
            var example = LossSpans.Of(NamedTemplates.Of(name), Talk.Of(Turns), LossOn.AssistantTurns, Talk.Now);

            Assert.Equal(2, example.Learnt.Count);
            Assert.StartsWith("2", Talk.Cut(example.Text, example.Learnt[0]).TrimStart(), StringComparison.Ordinal);
            Assert.StartsWith("Yes.", Talk.Cut(example.Text, example.Learnt[1]).TrimStart(), StringComparison.Ordinal);
            Assert.DoesNotContain("Sure?", Talk.Cut(example.Text, example.Learnt[1]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_name_that_is_not_known_is_refused_with_those_that_are()
    {
        var refused = Assert.Throws<BadInputException>(() => NamedTemplates.Of("chatm"));

        Assert.Equal("chat template chatm: no format of this name is known. Choose alpaca, chatml, gemma, llama-2, llama-3, mistral, phi-3, vicuna, zephyr, or give the path of a template, which ends in .jinja.", refused.Message);
    }
}
