using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Transport;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Reports;
using PeftCluster.Server.Security;

namespace PeftCluster.Server.Node;

/// <summary>
/// A cluster elsewhere as the place of a run: data is prepared here and pushed by its hashes, the run goes on there whatever becomes of this
/// process, and what it tells is watched as if it were here. The result comes into the job's own folder.
/// </summary>
public sealed class RemoteNode : IRunPlace
{
    private readonly RemoteNodeSettings _settings;
    private readonly JobParcel _parcel;
    private readonly ClusterSystem _system;
    private readonly SocketLinks _links;
    private readonly DateTimeOffset _started;
    private ClientFolder? _folder;

    private RemoteNode(RemoteNodeSettings settings, JobParcel parcel, ClusterSystem system, DateTimeOffset started)
    {
        (_settings, _parcel, _system, _started) = (settings, parcel, system, started);
        _links = new SocketLinks(new SocketLinkOptions
        {
            Secret = settings.Protection.Secret,
            Tls = settings.Protection.Tls,
            Time = settings.Time,
            Logger = settings.System.Logger,
        });
    }

    /// <summary>Checks the job, prepares its data, joins the cluster as a client.</summary>
    /// <exception cref="BadInputException">Model, data or method are not as the job says; or nobody lets this process in.</exception>
    public static async Task<RemoteNode> StartAsync(JobSpec job, RemoteNodeSettings settings, CancellationToken cancellation)
    {
        var started = settings.Time.GetUtcNow();
        var parcel = await JobParcel.PackAsync(job, new NodeFolders(), settings.Preparing, cancellation);
        try
        {
            return new RemoteNode(settings, parcel, await ClusterSystem.StartAsync(settings.System, cancellation), started);
        }
        catch
        {
            parcel.Dispose();
            throw;
        }
    }

    /// <summary>Takes the job's folder, pushes what the coordinator lacks, submits the run. The job is the one that the node was started with.</summary>
    /// <exception cref="BadInputException">The folder cannot be used, or the coordinator refuses the job.</exception>
    /// <exception cref="InvalidOperationException">No coordinator answers.</exception>
    public async Task<NodeRun> SubmitAsync(JobSpec job, string jobPath, SubmitOptions options, CancellationToken cancellation)
    {
        job = _parcel.Data.Complete(job);
        var request = new RunRequest(JobId.New(_settings.Time).ToString(), job, _parcel.Data.Train, _parcel.Data.Eval?.Count ?? 0, _parcel.Reference, job.Output.Folder) { Resume = options.Resume };
        _folder = ClientFolder.Take(new DiskFiles(), request, Environment.ProcessId, _settings.Time);
        var jobs = new RemoteJobs(_system.Actors, new RemoteOptions { Links = _links, Time = _settings.Time });
        var here = await jobs.FindAsync(cancellation);
        await _parcel.PushAsync(_links.To(here.Endpoint).Content, cancellation);
        var run = await jobs.SubmitAsync(new RemoteSubmission(_folder.RunId, job, _parcel.Reference)
        {
            Resume = _folder.Resumes,
            AdapterFolder = Path.Combine(job.Output.Folder, "adapter"),
            Prove = submit => SubmissionProof.Of(_settings.Protection.Secret.Span, submit),
        }, cancellation);
        var header = new RunHeader(job, jobPath, await FactsAsync(job, cancellation), Base(), _parcel.Data.Report);
        return new NodeRun(run, header, _settings.Time, _started);
    }

    public async ValueTask DisposeAsync()
    {
        await _links.DisposeAsync();
        await _system.DisposeAsync();
        _folder?.Dispose();
        _parcel.Dispose();
    }

    private BaseFacts Base() => new(_parcel.Reference.Base!.Files.Where(file => file.Name.EndsWith(".safetensors", StringComparison.Ordinal)).Sum(file => file.Bytes), _parcel.Reference.Base.Sha256);

    /// <summary>Who will compute, as far as it is known when the run begins.</summary>
    private async Task<NodeFacts> FactsAsync(JobSpec job, CancellationToken cancellation)
    {
        var place = _settings.System.Seeds[0];
        var told = await ClusterQuestion.AskAsync(_system, HostPort.Parse(place, "--cluster"), cancellation);
        var workers = told.Workers.Where(worker => worker.Refused is null).ToList();
        return new NodeFacts(place, [.. workers.Select(worker => worker.Device)], job.Resources.Threads, workers.FirstOrDefault()?.NumericClass ?? "not known yet", IsElsewhere: true);
    }
}

/// <summary>How a cluster elsewhere is reached.</summary>
/// <param name="System">The client's actor system; its seeds are the cluster's place.</param>
/// <param name="Protection">Secret and certificates.</param>
/// <param name="Time">The clock.</param>
public sealed record RemoteNodeSettings(SystemSettings System, ClusterProtection Protection, TimeProvider Time)
{
    /// <summary>Hears how far the preparation of the data is; null: nobody asks.</summary>
    public IProgress<PreparationProgress>? Preparing { get; init; }
}
