using PeftCluster.Data.Chat;
using PeftCluster.Data.Tasks;

namespace PeftCluster.Data.Formats;

/// <summary>One row of a data file as texts: what the model is shown, and what it must learn to answer.</summary>
/// <param name="Line">The line of the file, or the row's number where it has no lines; from 1.</param>
/// <param name="Prompt">The prompt, its template applied; empty for a conversation and for a document.</param>
/// <param name="Completion">The answer; of a conversation the last one, as text; of a document all of it. Never blank.</param>
public sealed record Example(int Line, string Prompt, string Completion)
{
    /// <summary>What a chat template makes the row's text of; null: prompt and completion are the text.</summary>
    public Conversation? Conversation { get; init; }

    /// <summary>Of a pair the worse answer, as an example of its own; null: the row is no pair.</summary>
    public Example? Rejected { get; init; }

    /// <summary>What a task's templates make prompts and choices of; null: the row has none. Then <see cref="Prompt"/> is empty, and <see cref="Completion"/> is the right answer as the row says it.</summary>
    internal TaskRow? Task { get; init; }
}
