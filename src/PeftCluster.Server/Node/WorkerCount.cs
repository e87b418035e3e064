using System.Globalization;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Server.Node;

/// <summary>How many workers one machine gives to a job. More than micro_batches would have nothing to do.</summary>
public static class WorkerCount
{
    /// <summary>The most of <c>resources.workers</c> that help; by default cores ÷ threads.</summary>
    public static int Of(JobSpec job, int cores)
    {
        var helpful = job.Training.MicroBatches;
        return job.Resources.Workers is { } range
            ? Math.Max(range.Min, Math.Min(range.Max, helpful))
            : Math.Clamp(cores / job.Resources.Threads, 1, helpful);
    }

    /// <summary>Why it is this many, for a dry run.</summary>
    public static string Reason(JobSpec job, int cores) => job.Resources.Workers is null
        ? string.Create(CultureInfo.InvariantCulture, $"{cores} cores ÷ {job.Resources.Threads} threads, at most {job.Training.MicroBatches} micro-batches")
        : "resources.workers";

    /// <exception cref="BadInputException">The machine has fewer devices than the job needs to start.</exception>
    public static void Check(JobSpec job, int devices)
    {
        if (job.Resources.Workers is { } range && range.Min > devices)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"resources.workers: at least {range.Min} are wanted, but resources.device {job.Resources.Device} gives {devices} here. Lower min, or choose another device."));
    }
}
