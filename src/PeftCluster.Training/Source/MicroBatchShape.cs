using PeftCluster.Data.Prepared;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Source;

/// <summary>A micro-batch in numbers, padded as its model pads it.</summary>
/// <param name="Rows">B</param>
/// <param name="Length">T: tokens of a row that its decoder, or its only stack, reads; virtual ones included.</param>
/// <param name="Source">S: tokens that an encoder reads; 0 without one.</param>
/// <param name="Before">P: learnt keys before a row's own.</param>
/// <param name="Labels">M</param>
internal sealed record MicroBatchShape(int Rows, int Length, int Source, int Before, long Labels)
{
    /// <summary>What some rows make together.</summary>
    /// <param name="model">The model.</param>
    /// <param name="before">Places that the adapter puts before each row.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="numbers">Which of them.</param>
    public static MicroBatchShape Of(ModelConfig model, int before, ITokenRows rows, IReadOnlyList<int> numbers)
    {
        var prompt = numbers.Max(rows.PromptLength);
        var labels = numbers.Sum(number => (long)rows.Labels(number));
        return Of(model, before, numbers.Count, (prompt, numbers.Max(rows.Length), numbers.Max(number => rows.Length(number) - rows.PromptLength(number))), labels);
    }

    /// <summary>The largest that a job's rows can make: the longest of all rows, as often as a micro-batch has rows.</summary>
    public static MicroBatchShape Largest(ModelConfig model, int before, ITokenRows rows, int size)
    {
        var longest = (Prompt: 1, Row: 1, Completion: 1);
        var labels = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            var (length, prompt) = (rows.Length(row), rows.PromptLength(row));
            longest = (Math.Max(longest.Prompt, prompt), Math.Max(longest.Row, length), Math.Max(longest.Completion, length - prompt));
            labels = Math.Max(labels, rows.Labels(row));
        }
        return Of(model, before, Math.Min(size, Math.Max(rows.Count, 1)), longest, (long)labels * size);
    }

    private static MicroBatchShape Of(ModelConfig model, int before, int rows, (int Prompt, int Row, int Completion) longest, long labels)
    {
        var room = PaddedRows.LengthOf(before);
        return model.Task switch
        {
            var task when task == PeftTask.EncoderDecoder => new(rows, PaddedRows.LengthOf(longest.Completion), PaddedRows.LengthOf(longest.Prompt) + room, before, labels),
            var task when task == PeftTask.Classification => new(rows, PaddedRows.LengthOf(longest.Prompt), 0, 0, labels),
            _ => new(rows, PaddedRows.LengthOf(longest.Row) + room, 0, before, labels),
        };
    }
}
