using System.Runtime.InteropServices;

namespace PeftCluster.Data.Prepared;

/// <summary>What a shard file's index says of a row. Its spans and its tokens follow those of the row before it.</summary>
/// <param name="Row">The row's number: the how-manieth kept row of the set, from 0.</param>
/// <param name="File">The data file that it stands in, by its place in the set's list of files, from 0.</param>
/// <param name="Line">The line of that file, from 1.</param>
/// <param name="Length">Tokens, prompt and completion together.</param>
/// <param name="Labels">Tokens that carry a label after the shift by one.</param>
/// <param name="Spans">How many stretches these are.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct RowEntry(int Row, int File, int Line, int Length, int Labels, int Spans)
{
    public bool IsSound(ReadOnlySpan<LabelSpan> spans) => Row >= 0 && File >= 0 && Line > 0 && Length > 0 && Labels > 0
        && Labels == LabelSpan.Labels(spans) && LabelSpan.AreSound(spans, Length);
}
