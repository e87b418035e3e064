using System.Diagnostics;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Data.Templates;

/// <summary>
/// The prompt of an instruction with or without an input. The Alpaca texts are those of tatsu-lab/stanford_alpaca,
/// train.py, with a line's end after "### Response:" so that an answer starts on a line of its own.
/// </summary>
public static class InstructionPrompt
{
    public static string Of(PromptTemplate template, string instruction, string input) => template switch
    {
        PromptTemplate.Alpaca => Alpaca(instruction, input),
        PromptTemplate.Plain => input.Length == 0 ? $"{instruction}\n" : $"{instruction}\n{input}\n",
        _ => throw new UnreachableException($"No text for the template {template}."),
    };

    private static string Alpaca(string instruction, string input) => input.Length == 0
        ? "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
            + $"### Instruction:\n{instruction}\n\n### Response:\n"
        : "Below is an instruction that describes a task, paired with an input that provides further context. "
            + "Write a response that appropriately completes the request.\n\n"
            + $"### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:\n";
}
