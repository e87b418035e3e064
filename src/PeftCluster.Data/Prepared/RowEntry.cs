using System.Runtime.InteropServices;

namespace PeftCluster.Data.Prepared;

/// <summary>What a shard file's index says of a row. Its spans and its tokens follow those of the row before it.</summary>
/// <param name="Row">The row's number: the how-manieth kept row of the set, from 0.</param>
/// <param name="File">The data file that it stands in, by its place in the set's list of files, from 0.</param>
/// <param name="Line">The line of that file, from 1.</param>
/// <param name="Length">Tokens, prompt and completion together; of a row with choices the prompt and every choice.</param>
/// <param name="Labels">Tokens that carry a label after the shift by one; of choices those of the right one.</param>
/// <param name="Spans">How many stretches these are; of a row with choices how many choices.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct RowEntry(int Row, int File, int Line, int Length, int Labels, int Spans)
{
    /// <param name="spans">Its spans.</param>
    /// <param name="right">Which of them is the right choice; null: they are no choices.</param>
    public bool IsSound(ReadOnlySpan<LabelSpan> spans, int? right) => Row >= 0 && File >= 0 && Line > 0 && Length > 0 && Labels > 0 && (right is { } number
        ? (uint)number < (uint)spans.Length && Labels == LabelSpan.Labels(spans.Slice(number, 1)) && LabelSpan.AreChoices(spans, Length)
        : Labels == LabelSpan.Labels(spans) && LabelSpan.AreSound(spans, Length));
}
