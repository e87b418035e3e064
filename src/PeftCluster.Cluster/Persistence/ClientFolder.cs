using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// A client's hold on the folder where the result of a run on a cluster goes. The rules are those of a run in this process (in use, finished,
/// unfinished, another job's); journals and snapshots lie with the coordinator, and run.json here says which run of it this is.
/// </summary>
public sealed class ClientFolder : IDisposable
{
    private readonly TakenFolder _taken;

    private ClientFolder(TakenFolder taken, string runId) => (_taken, RunId) = (taken, runId);

    /// <summary>The run: the one that lies here when it is resumed, else the request's.</summary>
    public string RunId { get; }

    /// <summary>Whether a run lies here that is gone on with.</summary>
    public bool Resumes => _taken.Earlier is not null;

    /// <summary>What a user should read once, or null.</summary>
    public string? Notice => _taken.Notice;

    /// <summary>Takes the folder and notes the run.</summary>
    /// <exception cref="BadInputException">The folder cannot be used; one line says why and what to do.</exception>
    public static ClientFolder Take(IRunFiles files, RunRequest request, int process, TimeProvider time)
    {
        var taken = FolderClaim.Take(files, request, process, time);
        try
        {
            if (taken.Earlier is { } earlier)
                return new ClientFolder(taken, earlier.Run);
            var manifest = new RunManifest(request.RunId, JobDigest.Of(request.Job), request.DataKey, JobFile.Write(request.Job), []);
            files.Write(Path.Combine(request.Folder, RunStore.ManifestName), stream => stream.Write(manifest.ToBytes()));
            return new ClientFolder(taken, request.RunId);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            taken.Lock.Dispose();
            throw new BadInputException($"{request.Folder}: cannot be written ({refused.Message.TrimEnd('.')}). Choose another output.folder.", refused);
        }
    }

    public void Dispose() => _taken.Lock.Dispose();
}
