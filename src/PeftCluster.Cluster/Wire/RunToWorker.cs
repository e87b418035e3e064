using System.Text.Json.Serialization;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Wire;

/// <summary>Be ready for a job. Answer: <see cref="Ready"/> or <see cref="AssignRefused"/>.</summary>
/// <param name="JobYaml">The job with every default, as <c>JobFile.Write</c> gives it.</param>
/// <param name="Data">Its prepared data.</param>
/// <param name="Endpoint">Where the run's vectors and files are; empty within one process.</param>
public sealed record Assign(string Job, int Attempt, int Step, string JobYaml, DataReference Data, string Endpoint) : IRunMessage;

/// <summary>Compute version 0 and hand it over. Answer: <see cref="Initialised"/>.</summary>
public sealed record Initialise(string Job, int Attempt, int Step) : IRunMessage;

/// <summary>
/// A step, or more work of it: version <c>Step</c> can be fetched; compute these leaves. A first message of a higher step
/// announces that the steps before it are over, also when it has no work. Work that is done already is answered again.
/// </summary>
/// <param name="Shards">Leaves of the whole step, which gives the shape of the tree.</param>
/// <param name="MicroBatches">What this worker computes; may be none.</param>
/// <param name="Denominator">Labelled tokens of the whole step.</param>
/// <param name="Again">Compute them again even if they are done: somebody doubts them.</param>
/// <param name="Choices">What the losses on answer choices are divided by; null: the rows have none.</param>
public sealed record StepWork(
    string Job, int Attempt, int Step, int Shards, IReadOnlyList<MicroBatch> MicroBatches, long Denominator, bool Again,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChoiceCounts? Choices = null) : IRunMessage;

/// <summary>Measure one batch of held-out rows. Answer: <see cref="Evaluated"/>.</summary>
/// <param name="Measurement">The number of the measurement within the run; a higher one ends the lower ones.</param>
/// <param name="Batch">The batch's number.</param>
/// <param name="WithAdapter">With version <c>Step</c> of the adapter, or the base model alone.</param>
public sealed record Evaluate(
    string Job, int Attempt, int Step, int Measurement, int Batch, IReadOnlyList<int> Rows, int Shots, bool WithAdapter) : IRunMessage;

/// <summary>Write version <c>Step</c> of the adapter and put its files into the run's store. Answer: <see cref="Exported"/>.</summary>
public sealed record Export(string Job, int Attempt, int Step) : IRunMessage;

/// <summary>The run needs you no more. Answer: <see cref="Released"/>, when the source is closed.</summary>
public sealed record Release(string Job, int Attempt, int Step) : IRunMessage;
