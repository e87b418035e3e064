using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Queue;

/// <summary>What a coordinator stores of its jobs, in this order and for ever: enough to go on after its process was killed.</summary>
/// <param name="RunId">The run.</param>
internal abstract record JobFact(string RunId);

/// <summary>A client's submission: the first fact of a run, and again when it is resumed.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Submission">The client's name for this submission, so that the same message said twice counts once.</param>
/// <param name="JobYaml">The job with every default.</param>
/// <param name="Data">Its prepared data.</param>
/// <param name="At">When.</param>
internal sealed record SubmissionTaken(string RunId, string Submission, string JobYaml, DataReference Data, DateTimeOffset At) : JobFact(RunId);

/// <summary>An event of the job's machine, under the attempt that it is about.</summary>
internal sealed record JobMoved(string RunId, int Attempt, JobEvent Event) : JobFact(RunId);

/// <summary>The end of an attempt as clients are told it, so that one who asks after a restart is told too.</summary>
internal sealed record RunStood(string RunId, RunEnded Ended) : JobFact(RunId);
