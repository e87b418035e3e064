using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Plugins;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Losses;

namespace PeftCluster.Training.Plugins;

/// <summary>What a job has of its plugins, once they are loaded.</summary>
public static class PluginJob
{
    /// <summary>
    /// A job as whoever computes needs it: the cluster carries what only plugins know unread, and here it is read. A job without plugins is
    /// given back as it is.
    /// </summary>
    /// <param name="job">From the wire, or from its file.</param>
    /// <param name="host">Opens its plugins.</param>
    /// <exception cref="BadInputException">A plugin cannot be used here.</exception>
    public static JobSpec Read(JobSpec job, IPluginHost host)
    {
        if (job.Plugins.Count == 0)
            return job;
        try
        {
            host.Open(job.Plugins);
        }
        catch (BadInputException refused)
        {
            throw new BadInputException($"plugins: {refused.Message}", refused);
        }
        return job.Method is UnreadMethod || job.Training.Loss is UnreadLoss
            ? JobFile.Parse(JobFile.Write(job), "job.yaml", Environment.CurrentDirectory, [], host)
            : job;
    }

    /// <summary>The job's loss; null: cross-entropy.</summary>
    internal static JobLoss? LossOf(JobSpec job) => job.Training.Loss is { } spec
        ? new JobLoss(LoadedPlugin.All.SelectMany(plugin => plugin.Losses.Values).First(loss => loss.Spec == spec.GetType()), spec)
        : null;

    /// <summary>The job's metrics.</summary>
    public static JobMetrics MetricsOf(JobSpec job) => job.Evaluation.Metrics.Count == 0 ? JobMetrics.None : new JobMetrics(
        [.. job.Evaluation.Metrics.Select(name => BuiltInMetric.All.FirstOrDefault(known => known.Name == name) ?? OfPlugin(job, name))]);

    private static IMetric OfPlugin(JobSpec job, string name) =>
        job.Plugins.Select(plugin => LoadedPlugin.Of(plugin.Sha256!)!.Metrics.GetValueOrDefault(name)).First(metric => metric is not null)!;
}
