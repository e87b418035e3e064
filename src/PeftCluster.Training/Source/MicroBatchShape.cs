using PeftCluster.Data.Prepared;
using PeftCluster.Steps.Plan;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Source;

/// <summary>A micro-batch in numbers, padded as its model pads it.</summary>
/// <param name="Rows">B of the decoder, or of the only stack; of rows with answer choices all their choices.</param>
/// <param name="Length">T: tokens of a row that its decoder, or its only stack, reads; virtual ones included.</param>
/// <param name="Source">S: tokens that an encoder reads; 0 without one.</param>
/// <param name="Before">P: learnt keys before a row's own.</param>
/// <param name="Labels">M</param>
internal sealed record MicroBatchShape(int Rows, int Length, int Source, int Before, long Labels)
{
    /// <summary>B of an encoder, which reads each prompt once.</summary>
    public int Prompts { get => field == 0 ? Rows : field; init; }

    /// <summary>A micro-batch's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="before">Places that the adapter puts before each row.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="batch">Which of them, and how they are padded.</param>
    public static MicroBatchShape Of(ModelConfig model, int before, ITokenRows rows, MicroBatch batch)
    {
        var numbers = batch.Rows;
        var prompt = numbers.Max(rows.PromptLength);
        var labels = numbers.Sum(number => (long)rows.Labels(number) + rows.WrongLabels(number));
        var longest = (prompt, batch.PaddedLength, numbers.Max(number => rows.Length(number) - rows.PromptLength(number)));
        return rows.HasChoices
            ? Of(model, before, numbers.Sum(number => rows.Labelled(number).Length), longest, labels) with { Prompts = numbers.Count }
            : Of(model, before, batch.PaddedRows, longest, labels);
    }

    /// <summary>The largest that a job's rows can make: the longest of all rows, or a full packed row, as often as a micro-batch has rows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="before">Places that the adapter puts before each row.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="size">Rows of a micro-batch.</param>
    /// <param name="packedLength">Tokens of a packed row; null: rows are not packed.</param>
    public static MicroBatchShape Largest(ModelConfig model, int before, ITokenRows rows, int size, int? packedLength)
    {
        var longest = (Prompt: 1, Row: 1, Completion: 1);
        var (labels, choices) = (0, 1);
        for (var row = 0; row < rows.Count; row++)
        {
            var (length, prompt) = (rows.Length(row), rows.PromptLength(row));
            longest = (Math.Max(longest.Prompt, prompt), Math.Max(longest.Row, length), Math.Max(longest.Completion, length - prompt));
            labels = Math.Max(labels, rows.Labels(row) + rows.WrongLabels(row));
            choices = rows.HasChoices ? Math.Max(choices, rows.Labelled(row).Length) : 1;
        }
        if (packedLength is { } room && (long)rows.Count * longest.Row > room)
            (longest.Row, labels) = (room, room);
        var most = Math.Min(size, Math.Max(rows.Count, 1));
        return Of(model, before, most * choices, longest, (long)labels * size) with { Prompts = most };
    }

    private static MicroBatchShape Of(ModelConfig model, int before, int rows, (int Prompt, int Row, int Completion) longest, long labels)
    {
        var room = PaddedLength.Of(before);
        return model.Task switch
        {
            var task when task == PeftTask.EncoderDecoder => new(rows, PaddedLength.Of(longest.Completion), PaddedLength.Of(longest.Prompt) + room, before, labels),
            var task when task == PeftTask.Classification => new(rows, PaddedLength.Of(longest.Prompt), 0, 0, labels),
            _ => new(rows, PaddedLength.Of(longest.Row) + room, 0, before, labels),
        };
    }
}
