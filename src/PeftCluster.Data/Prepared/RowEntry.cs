using System.Runtime.InteropServices;

namespace PeftCluster.Data.Prepared;

/// <summary>What a shard file's index says of a row. Its tokens follow those of the row before it.</summary>
/// <param name="Row">The row's number: the how-manieth kept row of the data file, from 0.</param>
/// <param name="Line">The line of the data file, from 1.</param>
/// <param name="Length">Tokens, prompt and completion together.</param>
/// <param name="PromptLength">Tokens of the prompt, the token of begin included.</param>
/// <param name="Labels">Tokens that carry a label after the shift by one.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct RowEntry(int Row, int Line, int Length, int PromptLength, int Labels)
{
    /// <summary>Loss on the completion only. The first token of a row is predicted by nothing, so it never counts.</summary>
    public static int LabelsOf(int length, int promptLength) => length - Math.Max(promptLength, 1);

    public bool IsSound => Row >= 0 && Line > 0 && Length > 0 && PromptLength >= 0 && PromptLength <= Length && Labels > 0 && Labels <= Length;
}
