using System.Globalization;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Cluster.Queue;

/// <summary>Jobs as a list shows them. How far they are is added by whoever hears their events.</summary>
internal static class JobRows
{
    /// <summary>So many of the newest are listed.</summary>
    public const int Most = 100;

    public static JobRow Of(JobEntry entry, int workers) => new(
        entry.RunId, Spec(entry)?.Name ?? "", entry.Job.Phase.ToString().ToLowerInvariant(), entry.Job.Attempt, entry.Ended?.Steps ?? 0, 0, [],
        entry.Job.Why ?? Waiting(entry, workers), entry.Job.Since);

    /// <summary>How many workers have to come before the job can start.</summary>
    public static int WorkersMissing(JobEntry entry, int workers) => Math.Max(0, Math.Max(1, Spec(entry)?.Resources.Workers?.Min ?? 1) - workers);

    private static string Waiting(JobEntry entry, int workers) => entry.Job.Phase != JobPhase.Queued ? ""
        : WorkersMissing(entry, workers) is var missing and > 0
            ? string.Create(CultureInfo.InvariantCulture, $"waits for {missing} more worker{(missing == 1 ? "" : "s")}, {workers} {(workers == 1 ? "is" : "are")} there")
            : "waits for the job before it";

    private static JobSpec? Spec(JobEntry entry)
    {
        try
        {
            return entry.Spec();
        }
        catch (BadInputException)
        {
            // Taken by another build. Its start will say what is wrong.
            return null;
        }
    }
}
