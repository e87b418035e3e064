using PeftCluster.Cluster.Client;
using PeftCluster.Cluster.Transport;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Node;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Server.Chaos;

/// <summary>A user's job with a real model, cut to the same sixteen steps as the made-up one, so that the rows strike in its midst too.</summary>
/// <param name="job">The job as its file says it.</param>
public sealed class RealJob(JobSpec job) : IChaosJob
{
    public IReadOnlyList<string> NodeWords { get; } = ["--source", "real", "--device", "cpu", "--threads", "1", .. ProcessCluster.PluginWords(job)];

    public async Task<RemoteSubmission> PrepareAsync(string runId, ChaosRow row, ICoordinatorLink link, CancellationToken cancellation)
    {
        var cut = job with
        {
            Training = ArithmeticJob.Steps(job.Training, row),
            Resources = job.Resources with { Workers = ArithmeticJob.Job(row).Resources.Workers, Threads = 1 },
        };
        using var parcel = await JobParcel.PackAsync(cut, new NodeFolders(), null, cancellation);
        await parcel.PushAsync(link.Content, cancellation);
        return new RemoteSubmission(runId, cut, ArithmeticJob.Data(row, row.HasOtherData ? Wrong(parcel.Reference) : parcel.Reference));
    }

    // Its first file is named by a hash that no content has.
    private static DataReference Wrong(DataReference data) => data with { Files = [data.Files[0] with { Sha256 = new string('0', 64) }, .. data.Files.Skip(1)] };
}
