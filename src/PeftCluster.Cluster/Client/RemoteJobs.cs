using Akka.Actor;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Client;

/// <summary>
/// The coordinator of a cluster as a client sees it. The client's actor system is a member of the cluster (role <c>client</c>), or knows the
/// coordinators' addresses.
/// </summary>
/// <param name="system">The client's node.</param>
/// <param name="options">Deadlines and ways.</param>
public sealed class RemoteJobs(ActorSystem system, RemoteOptions options)
{
    private readonly Coordinators _coordinators = new(system, options);

    /// <summary>Finds a coordinator: where files go, and which build it is.</summary>
    /// <exception cref="InvalidOperationException">Nobody has answered in time; the line says who was asked.</exception>
    public Task<CoordinatorHere> FindAsync(CancellationToken cancellation) => _coordinators.AskAsync<CoordinatorHere>(new AskCoordinator(), cancellation);

    /// <summary>The jobs that the coordinator knows, the newest last.</summary>
    /// <exception cref="InvalidOperationException">Nobody has answered in time; the line says who was asked.</exception>
    public async Task<IReadOnlyList<JobRow>> ListAsync(CancellationToken cancellation) =>
        (await _coordinators.AskAsync<JobsListed>(new ListJobs(), cancellation)).Jobs;

    /// <summary>Follows a run that was submitted before, from its first event that the coordinator still has.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="adapterFolder">Where the adapter is put here, or null: it is left at the coordinator.</param>
    public RemoteRun Follow(string runId, string? adapterFolder = null) => RemoteRun.Start(system, runId, null, adapterFolder, options);

    /// <summary>
    /// Submits a job whose data is in the coordinator's store already. Returns when the job is stored there: from then on it runs whatever
    /// becomes of this process.
    /// </summary>
    /// <param name="submission">What is submitted.</param>
    /// <param name="cancellation">Gives up waiting for the answer.</param>
    /// <exception cref="BadInputException">The coordinator refuses the job; the line is its own.</exception>
    /// <exception cref="InvalidOperationException">It refuses for another reason, or nobody has answered in time.</exception>
    public async Task<RemoteRun> SubmitAsync(RemoteSubmission submission, CancellationToken cancellation)
    {
        var message = new SubmitJob(submission.RunId, JobId.New(options.Time).ToString(), JobFile.Write(submission.Job), submission.Data, submission.Resume, "");
        var run = RemoteRun.Start(system, submission.RunId, message with { Proof = submission.Prove(message) }, submission.AdapterFolder, options);
        try
        {
            await run.Taken.WaitAsync(cancellation);
            return run;
        }
        catch
        {
            run.Leave();
            throw;
        }
    }
}

/// <summary>A job on its way to a coordinator.</summary>
/// <param name="RunId">The run's id, made by <c>JobId.New</c>; of the earlier run, when it is resumed.</param>
/// <param name="Job">The checked job. Its model's path is the workers' own.</param>
/// <param name="Data">Its prepared data.</param>
public sealed record RemoteSubmission(string RunId, JobSpec Job, DataReference Data)
{
    /// <summary>Go on with the run of this id, which is paused, failed or cancelled.</summary>
    public bool Resume { get; init; }

    /// <summary>Where the adapter is put here, or null: it is left at the coordinator.</summary>
    public string? AdapterFolder { get; init; }

    /// <summary>The proof that this client knows the cluster's secret; empty in a cluster without one.</summary>
    public Func<SubmitJob, string> Prove { get; init; } = _ => "";
}
