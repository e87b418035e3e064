using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Cluster.Queue;

/// <summary>
/// All jobs of a coordinator, as their stored facts tell them: no clock, no I/O. Which one runs next is decided here alone; a fair
/// queue takes the place of <see cref="Next"/>.
/// </summary>
internal sealed class JobBook
{
    private readonly Dictionary<string, JobEntry> _entries = [];

    /// <summary>In the order of their submission.</summary>
    public IEnumerable<JobEntry> Entries => _entries.Values;

    /// <summary>The job that has waited longest, or null.</summary>
    public JobEntry? Next => _entries.Values.Where(entry => entry.Job.Phase == JobPhase.Queued).MinBy(entry => entry.Job.Since);

    /// <summary>SHA-256 of the files that jobs are made of which run, wait, or are paused. A job that has ended needs none: whoever goes on with its run brings them again.</summary>
    public IReadOnlySet<string> Needed => _entries.Values.Where(entry => !entry.Job.HasEnded)
        .SelectMany(entry => entry.Submission.Data.Files.Concat(entry.Submission.Data.Base?.Files ?? []))
        .Select(file => file.Sha256).ToHashSet(StringComparer.Ordinal);

    public JobEntry? this[string runId] => _entries.GetValueOrDefault(runId);

    /// <summary>Takes over what is stored.</summary>
    public void Apply(JobFact fact) => _entries[fact.RunId] = fact switch
    {
        SubmissionTaken taken when _entries.TryGetValue(taken.RunId, out var known) => known.Job.HasEnded
            // A failed or cancelled job stays as it is; this is a new one, which goes on with its run.
            ? new JobEntry(taken, Submitted(taken) with { Attempt = known.Job.Attempt })
            : known with { Submission = taken },
        SubmissionTaken taken => new JobEntry(taken, Submitted(taken)),
        JobMoved moved => _entries[fact.RunId] with { Job = _entries[fact.RunId].Job.Apply(moved.Event) },
        RunStood stood => _entries[fact.RunId] with { Ended = stood.Ended },
        _ => throw new InvalidOperationException($"no rule for {fact.GetType().Name}"),
    };

    private static Job Submitted(SubmissionTaken taken) => Job.From(new JobSubmitted(JobId.Parse(taken.RunId), taken.At));
}

/// <summary>One job.</summary>
/// <param name="Submission">Its newest submission.</param>
/// <param name="Job">Where it stands.</param>
internal sealed record JobEntry(SubmissionTaken Submission, Job Job)
{
    public string RunId => Submission.RunId;

    /// <summary>How its last attempt ended or paused, or null.</summary>
    public Coordinator.RunEnded? Ended { get; init; }

    /// <summary>The checked job.</summary>
    /// <exception cref="BadInputException">This build does not know what the job says.</exception>
    public JobSpec Spec() => JobFile.Parse(Submission.JobYaml, "job.yaml", Environment.CurrentDirectory, []);
}
