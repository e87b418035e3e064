using PeftCluster.Data.Tasks;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Data.Prepared;

/// <summary>A job's data, ready to be trained on: rows as tokens, the tokenizer that made them, and what was found on the way.</summary>
/// <param name="Train">The training rows.</param>
/// <param name="Eval">The held-out rows, or null without data.eval.</param>
/// <param name="Tokenizer">The base model's tokenizer.</param>
/// <param name="Report">What people should know.</param>
/// <param name="InputKey">The hash of all that decided these tokens, 64 hex digits.</param>
/// <param name="Files">Where it lies here: <c>train.index</c>, <c>train/0</c> …, <c>eval.index</c>, <c>eval/0</c>.</param>
public sealed record PreparedData(
    PreparedRows Train, PreparedRows? Eval, TextTokenizer Tokenizer, PreparationReport Report, string InputKey, IReadOnlyList<LocalFile> Files) : IDisposable
{
    /// <summary>The task whose templates made prompts and choices, with those templates only; null: rows have no choices.</summary>
    public DataTask? Task { get; init; }

    /// <summary>The files that training rows stand in (<see cref="PreparedRows.File"/>).</summary>
    public required IReadOnlyList<string> TrainPaths { get; init; }

    /// <summary>The same of held-out rows; empty without any.</summary>
    public required IReadOnlyList<string> EvalPaths { get; init; }

    /// <summary>A job as workers need it: what only the task's file says of prompts stands in the job, since a worker elsewhere does not have that file.</summary>
    public JobSpec Complete(JobSpec job) => job.Evaluation.Description is null && Task?.Description is { } description
        ? job with { Evaluation = job.Evaluation with { Description = description } }
        : job;

    /// <summary>The data by its content, for whoever has not prepared it.</summary>
    public DataReference Reference => new(InputKey, [.. Files.Select(file => file.File)]);

    public void Dispose()
    {
        Train.Dispose();
        Eval?.Dispose();
    }
}
