using System.Text.Json.Serialization;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Measures;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// What a run tells whoever watches it: the screen, metrics.jsonl, TensorBoard, the report. Watching never changes a
/// run. Events of one run come in order and on one thread. The kinds are on the wire and in the job database: append only.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RunStarted), "started")]
[JsonDerivedType(typeof(EvaluationProgress), "evaluation-progress")]
[JsonDerivedType(typeof(EvaluationDone), "evaluation-done")]
[JsonDerivedType(typeof(StepCommitted), "step")]
[JsonDerivedType(typeof(SnapshotWritten), "snapshot")]
[JsonDerivedType(typeof(RunWarning), "warning")]
[JsonDerivedType(typeof(RunEnded), "ended")]
public abstract record RunEvent;

/// <summary>The run has its workers and version 0 (or the version it resumes from).</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Attempt">1 for a fresh run, one more for each resume.</param>
/// <param name="FirstStep">The step that is computed next; above 0 after a resume.</param>
/// <param name="TotalSteps">Steps of the whole job.</param>
/// <param name="Source">What is trained.</param>
/// <param name="Workers">The workers' names, in order.</param>
public sealed record RunStarted(
    string RunId, int Attempt, int FirstStep, int TotalSteps, SourceDescription Source, IReadOnlyList<string> Workers) : RunEvent;

/// <summary>One measurement on the held-out rows is under way.</summary>
public sealed record EvaluationProgress(EvaluationTarget Target, int RowsDone, int Rows) : RunEvent;

/// <summary>One measurement on the held-out rows is done.</summary>
/// <param name="Target">What was measured.</param>
/// <param name="Metrics">Means over the rows.</param>
/// <param name="Version">Which version of the adapter, as a number of committed steps; null for the base model alone.</param>
public sealed record EvaluationDone(EvaluationTarget Target, EvaluationMetrics Metrics, int? Version = null) : RunEvent;

/// <summary>What was measured: the base model with some examples in the prompt (<c>Adapter</c> false), or the adapter.</summary>
public readonly record struct EvaluationTarget(bool Adapter, int Shots);

/// <summary>Means over the held-out rows.</summary>
/// <param name="Loss">Mean loss of a completion token, in nats.</param>
/// <param name="ExactMatch">The share of rows (0 to 1) whose greedy answer is exactly the completion; with answer choices, whose right choice is ranked first: accuracy.</param>
/// <param name="PromptTokens">Mean prompt tokens of an answer.</param>
/// <param name="Rows">Rows measured.</param>
/// <param name="Scores">Means of the job's own metrics; null: it has none.</param>
/// <param name="Choices">What else rank classification gives; null: rows have no answer choices.</param>
public sealed record EvaluationMetrics(
    double Loss, double ExactMatch, double PromptTokens, int Rows,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Score>? Scores = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChoiceMetrics? Choices = null);

/// <summary>A step was committed.</summary>
/// <param name="Step">The step's number, from 0.</param>
/// <param name="TotalSteps">Steps of the whole job.</param>
/// <param name="Epoch">Passes over the data so far, with fraction.</param>
/// <param name="Loss">Mean loss of a labelled token before the step, in nats; of rows with answer choices their three losses as they are weighted.</param>
/// <param name="LearningRate">The rate that the step was made with.</param>
/// <param name="GradientNorm">The norm before clipping.</param>
/// <param name="Tokens">Tokens computed in the step, without padding.</param>
/// <param name="Seconds">From the announcement of the step to its commit.</param>
/// <param name="Workers">What each worker did in it.</param>
/// <param name="AdapterLoss">The loss's term of the adapter alone, which is not in <paramref name="Loss"/>; 0 where the method has none.</param>
/// <param name="Choices">The three losses on answer choices, not weighted, each a mean over its own count; null: the rows have none.</param>
public sealed record StepCommitted(
    int Step, int TotalSteps, double Epoch, double Loss, double LearningRate, double GradientNorm, int Tokens,
    double Seconds, IReadOnlyList<WorkerShare> Workers, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double AdapterLoss = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChoiceLosses? Choices = null) : RunEvent;

/// <summary>A worker's part in one step.</summary>
public sealed record WorkerShare(string Worker, IReadOnlyList<int> Shards, double MillisecondsPerShard);

/// <summary>A snapshot is on disk.</summary>
public sealed record SnapshotWritten(int Step, string Path) : RunEvent;

/// <summary>Something that a user should read once; the run goes on.</summary>
public sealed record RunWarning(string Text) : RunEvent
{
    /// <summary>The worker that it is about (slow, quarantined), for <c>peft cluster status</c>; null for none.</summary>
    public string? About { get; init; }
}

/// <summary>The run has ended or paused; nothing follows.</summary>
/// <param name="Phase">Completed, Paused, Failed or Cancelled.</param>
/// <param name="Reason">Why, in one line.</param>
/// <param name="Steps">Committed steps of the whole job.</param>
/// <param name="AdapterFolder">Where the adapter lies, or null where none was exported.</param>
/// <param name="AdapterSha256">SHA-256 of adapter_model.safetensors, or null.</param>
/// <param name="TrainLoss">Mean training loss over the last committed steps of this run (at most ten), or null.</param>
public sealed record RunEnded(
    JobPhase Phase, string Reason, int Steps, string? AdapterFolder, string? AdapterSha256, double? TrainLoss) : RunEvent
{
    /// <summary>Which of the named reasons it is; null for a run that is paused.</summary>
    public EndReason? End { get; init; }

    /// <summary>The version that measured best, or null where none was compared.</summary>
    public BestVersion? Best { get; init; }

    /// <summary>Which version was exported, as a number of committed steps; null where none was.</summary>
    public int? AdapterVersion { get; init; }

    /// <summary>The adapter's files by their content, where they are in the coordinator's store; empty in the embedded form.</summary>
    public IReadOnlyList<DataFile> AdapterFiles { get; init; } = [];
}
