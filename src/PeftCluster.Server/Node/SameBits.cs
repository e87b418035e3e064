using System.Globalization;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Node;

/// <summary>
/// Trains one job again and again, in this process or on processes of its own, with each number of workers and with messages delayed and shuffled by a seed, and
/// compares the SHA-256 of the adapters. The base is not measured; what decides on the result (eval_steps, early stopping, the best version) stays on. The folders of the
/// runs are temporary.
/// </summary>
public static class SameBits
{
    /// <summary>Runs every combination.</summary>
    /// <param name="job">The job.</param>
    /// <param name="jobPath">Its file, as the user wrote it.</param>
    /// <param name="asked">What is varied.</param>
    /// <param name="watch">Makes the watcher of one run from its name; may be null.</param>
    /// <param name="cancellation">Ends it between runs; a run in hand is cancelled.</param>
    /// <returns>The adapter's SHA-256 by the name of the run, for example <c>workers=2 schedule=1</c>.</returns>
    /// <exception cref="BadInputException">The job cannot run here.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> RunAsync(
        JobSpec job, string jobPath, SameBitsRequest asked, Action<string, RunOutcome> watch, CancellationToken cancellation)
    {
        if (job.Training.MaxSteps == 0)
            throw new BadInputException("training.max_steps: 0 trains nothing, so there are no adapters to compare. Add --set training.max_steps=20.");
        job = job with { Evaluation = job.Evaluation with { Shots = [] } };
        var most = asked.Workers.Max();
        var hashes = new Dictionary<string, string>();
        var folder = Directory.CreateTempSubdirectory("peft-same-bits-").FullName;
        try
        {
            await using var shared = asked.Processes ? null : await EmbeddedNode.StartAsync(WithWorkers(job, most), new NodeOptions { Workers = most }, cancellation);
            foreach (var workers in asked.Workers)
            {
                for (var schedule = 0; schedule < asked.Schedules; schedule++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var name = string.Create(CultureInfo.InvariantCulture, $"workers={workers} schedule={schedule}");
                    var (place, disturbance) = (Path.Combine(folder, $"{hashes.Count}"), asked.DisturbanceOf(workers, schedule));
                    await using var own = asked.Processes
                        ? await ProcessCluster.StartAsync(WithWorkers(job, workers), disturbance.Seed, place + "-nodes", TimeProvider.System, cancellation)
                        : null;
                    var running = OneAsync(own ?? (IRunPlace)shared!, WithWorkers(job, workers), jobPath, place, disturbance, cancellation);
                    if (own is not null && await Task.WhenAny(running, own.Broken) == own.Broken)
                        throw new InvalidOperationException($"{name}: {await own.Broken}");
                    var outcome = await running;
                    hashes[name] = outcome.Ended.AdapterSha256
                        ?? throw new InvalidOperationException($"{name}: the run ended {RunStatus.Of(outcome.Ended.Phase)}: {outcome.Ended.Reason}");
                    watch(name, outcome);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return hashes;
    }

    private static async Task<RunOutcome> OneAsync(
        IRunPlace node, JobSpec job, string jobPath, string folder, Disturbance disturbance, CancellationToken cancellation)
    {
        job = job with { Output = job.Output with { Folder = folder } };
        var run = await node.SubmitAsync(job, jobPath, new SubmitOptions(Disturbance: disturbance), cancellation);
        await using var stop = cancellation.Register(run.Cancel);
        using var nobody = new RunWatchers([]);
        var outcome = await run.WatchAsync(nobody);
        if (outcome.Ended.Phase == JobPhase.Cancelled)
            cancellation.ThrowIfCancellationRequested();
        return outcome;
    }

    private static JobSpec WithWorkers(JobSpec job, int workers) =>
        job with { Resources = job.Resources with { Workers = new WorkersRange(workers, workers) } };
}

/// <summary>What <see cref="SameBits"/> varies.</summary>
/// <param name="Workers">Numbers of workers.</param>
/// <param name="Schedules">Orders of arrival for each of them.</param>
/// <param name="Seed">Draws the orders.</param>
/// <param name="ArrivalOrder">The planted fault: gradients are added in the order of their arrival.</param>
/// <param name="Processes">Coordinator and workers are processes of their own, not parts of this one.</param>
public sealed record SameBitsRequest(IReadOnlyList<int> Workers, int Schedules, long Seed, bool ArrivalOrder, bool Processes = false)
{
    /// <summary>Every run has an order of its own.</summary>
    internal Disturbance DisturbanceOf(int workers, int schedule) =>
        new(unchecked(Seed * 1_000_003 + workers * 1_009 + schedule), ArrivalOrder);
}
