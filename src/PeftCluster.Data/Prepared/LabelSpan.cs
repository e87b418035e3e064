using System.Runtime.InteropServices;

namespace PeftCluster.Data.Prepared;

/// <summary>Neighbouring tokens of a row that carry labels: from Start up to, not including, End.</summary>
/// <param name="Start">The first token's place in the row, from 0.</param>
/// <param name="End">The place behind the last.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct LabelSpan(int Start, int End)
{
    /// <summary>How many labels some spans have. The first token of a row is predicted by nothing, so it never counts.</summary>
    public static int Labels(ReadOnlySpan<LabelSpan> spans)
    {
        var labels = 0;
        foreach (var (start, end) in spans)
            labels += Math.Max(0, end - Math.Max(start, 1));
        return labels;
    }

    /// <summary>Tokens of a prompt and its longest choice, where spans are the choices behind it.</summary>
    internal static int PlannedLength(ReadOnlySpan<LabelSpan> choices)
    {
        var longest = 0;
        foreach (var (start, end) in choices)
            longest = Math.Max(longest, end - start);
        return choices[0].Start + longest;
    }

    /// <summary>Whether they are choices: at least two, one behind the other from behind a prompt to the row's end.</summary>
    internal static bool AreChoices(ReadOnlySpan<LabelSpan> spans, int length)
    {
        if (spans.Length < 2 || spans[0].Start < 1 || !AreSound(spans, length))
            return false;
        for (var number = 1; number < spans.Length; number++)
        {
            if (spans[number].Start != spans[number - 1].End)
                return false;
        }
        return spans[^1].End == length;
    }

    /// <summary>Whether they ascend, none is empty or begins before the one before it ends, and all lie within the row.</summary>
    internal static bool AreSound(ReadOnlySpan<LabelSpan> spans, int length)
    {
        var free = 0;
        foreach (var (start, end) in spans)
        {
            if (start < free || end <= start || end > length)
                return false;
            free = end;
        }
        return true;
    }
}
