using System.Runtime.InteropServices;

namespace PeftCluster.Data.Prepared;

/// <summary>What is known of a row with choices besides its <see cref="RowEntry"/>.</summary>
/// <param name="Right">Which choice is right, from 0.</param>
/// <param name="Planned">Tokens of the prompt and the longest choice.</param>
/// <param name="WrongLabels">Tokens of the wrong choices.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct ChoiceEntry(int Right, int Planned, int WrongLabels)
{
    /// <summary>Of a row whose spans are its choices.</summary>
    /// <exception cref="ArgumentOutOfRangeException">None of them is the right one.</exception>
    public static ChoiceEntry Of(ReadOnlySpan<LabelSpan> choices, int right)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)right, (uint)choices.Length, nameof(right));
        return new ChoiceEntry(right, LabelSpan.PlannedLength(choices), LabelSpan.Labels(choices) - LabelSpan.Labels(choices.Slice(right, 1)));
    }
}
