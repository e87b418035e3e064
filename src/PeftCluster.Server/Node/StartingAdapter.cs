using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.AdapterFiles;

namespace PeftCluster.Server.Node;

/// <summary>
/// The adapter that a job starts from (<see cref="IStartsFromAdapter"/>), on its way from the machine that submits to a worker: its two files travel with the prepared
/// data, by content, under names of their own.
/// </summary>
internal static class StartingAdapter
{
    private const string Prefix = "initial_adapter/";

    private static readonly string[] Names = [AdapterFolder.ConfigName, AdapterFolder.WeightsName];

    /// <summary>Its files here; none where the job starts without one.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static async Task<IReadOnlyList<LocalFile>> FilesAsync(MethodSpec method, KnownHashes hashes, CancellationToken cancellation)
    {
        var files = new List<LocalFile>();
        foreach (var name in method is IStartsFromAdapter { InitialAdapter: { } folder } ? Names.Select(name => Path.Combine(folder, name)) : [])
        {
            var (sha256, bytes) = await hashes.OfAsync(name, cancellation);
            files.Add(new LocalFile(new DataFile(Prefix + Path.GetFileName(name), sha256, bytes), name));
        }
        return files;
    }

    /// <summary>The job with the adapter in a folder of this machine, brought there.</summary>
    /// <param name="request">The job as it was submitted.</param>
    /// <param name="cache">Where this machine keeps what it fetched.</param>
    /// <param name="files">What it fetched.</param>
    /// <param name="cancellation">Ends fetching.</param>
    /// <exception cref="IOException">A file could not be fetched.</exception>
    public static async Task<SourceRequest> BringAsync(SourceRequest request, string cache, FetchedFiles files, CancellationToken cancellation)
    {
        DataFile[] wanted = [.. request.Data.Files.Where(file => Names.Any(name => file.Name == Prefix + name))];
        if (request.Job.Method is not IStartsFromAdapter { InitialAdapter: not null } || wanted.Length == 0)
            return request;
        var folder = Path.Combine(cache, "adapters", new BaseReference(wanted).Sha256);
        Directory.CreateDirectory(folder);
        foreach (var file in wanted)
            await files.BringAsync(file, Path.Combine(folder, file.Name[Prefix.Length..]), request.Content, cancellation);
        return request with { Job = request.Job with { Method = At(request.Job.Method, folder) } };
    }

    private static MethodSpec At(MethodSpec method, string folder) => method switch
    {
        Ia3Spec ia3 => ia3 with { InitialAdapter = folder },
        TFewSpec recipe => recipe with { InitialAdapter = folder },
        _ => method,
    };
}
