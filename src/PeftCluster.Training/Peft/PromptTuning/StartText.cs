using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Training.Peft.PromptTuning;

/// <summary>The text that a prompt may start from, as tokens of the base's tokenizer.</summary>
internal static class StartText
{
    /// <summary>The method, with the tokens of its text if it has one.</summary>
    /// <param name="method">Any method.</param>
    /// <param name="baseFolder">The base model's folder.</param>
    /// <exception cref="BadInputException">The tokenizer cannot be read, or finds no token in the text.</exception>
    public static MethodSpec Resolved(MethodSpec method, string baseFolder)
    {
        if (method is not PromptTuningSpec { PromptTuningInitText: { } text, IsFinished: false } prompt)
            return method;
        // With the tokens of begin and end that the tokenizer frames a text with, as PEFT.
        var tokens = TextTokenizer.Load(baseFolder).Encode(text, addSpecialTokens: true);
        return tokens.Length > 0
            ? prompt with { StartTokens = [.. tokens] }
            : throw new BadInputException("method.prompt_tuning_init_text: the tokenizer finds no token in it. Write a longer text.");
    }
}
