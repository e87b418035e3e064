using System.Globalization;
using PeftCluster.Cluster.Coordinator;

namespace PeftCluster.Benchmarks.Runs;

/// <summary>Runs of processes whose memory is read from /proc, so Linux only.</summary>
internal static class MemoryMeasurement
{
    private const int SampleEvery = 50;
    private const int WarmUp = 1_000;
    private const int ShortVector = 1_024;

    /// <summary>A run of long vectors to its end, snapshots and export included.</summary>
    public static async Task<PeakRow> PeakAsync(int workers, int floats, int steps, Action<string>? explain, CancellationToken cancellation)
    {
        await using var cluster = await RunCluster.StartAsync(workers, floats, milliseconds: 0, cancellation);
        await ExplainAsync(cluster, explain, "before the run", cancellation);
        var run = await cluster.SubmitAsync(steps, cancellation);
        if (explain is not null)
            await foreach (var happened in run.Events.WithCancellation(cancellation))
                if (happened is StepCommitted { Step: var step } && step % 30 == 20)
                    await ExplainAsync(cluster, explain, string.Create(CultureInfo.InvariantCulture, $"step {step}"), cancellation);
        var ended = await run.Ended.WaitAsync(cancellation);
        await ExplainAsync(cluster, explain, "after the run", cancellation);
        return ended.Steps == steps
            ? new PeakRow(workers, floats, steps, Megabytes(cluster.Coordinator.Id, "VmHWM"))
            : throw new InvalidOperationException($"the run has ended: {ended.Reason}");
    }

    private static async Task ExplainAsync(RunCluster cluster, Action<string>? explain, string when, CancellationToken cancellation)
    {
        if (explain is null)
            return;
        cluster.Coordinator.Tell(MemoryFacts.Question);
        var facts = await cluster.Coordinator.HearAsync(cancellation);
        explain(string.Create(CultureInfo.InvariantCulture, $"  {when}: peak {Megabytes(cluster.Coordinator.Id, "VmHWM"):0}; {facts}"));
    }

    /// <summary>Many steps of a short vector, with the coordinator's and one worker's memory at every fiftieth.</summary>
    public static async Task<IReadOnlyList<GrowthRow>> GrowthAsync(int steps, Action<string>? explain, CancellationToken cancellation)
    {
        await using var cluster = await RunCluster.StartAsync(workers: 2, ShortVector, milliseconds: 0, cancellation);
        var run = await cluster.SubmitAsync(steps, cancellation);
        var processes = new[] { ("coordinator", cluster.Coordinator.Id), ("worker", cluster.Workers[0].Id) };
        var samples = processes.ToDictionary(process => process.Item1, _ => new List<double>());
        await foreach (var happened in run.Events.WithCancellation(cancellation))
            if (happened is StepCommitted { Step: >= WarmUp } commit && commit.Step % SampleEvery == 0)
            {
                foreach (var (name, id) in processes)
                    samples[name].Add(Megabytes(id, "VmRSS"));
                if (commit.Step % WarmUp == 0)
                    await ExplainAsync(cluster, explain, string.Create(CultureInfo.InvariantCulture, $"step {commit.Step}"), cancellation);
            }
        var ended = await run.Ended;
        return ended.Steps == steps
            ? [.. samples.Select(one => RowOf(one.Key, steps, one.Value))]
            : throw new InvalidOperationException($"the run has ended: {ended.Reason}");
    }

    private static GrowthRow RowOf(string process, int steps, List<double> samples)
    {
        var tenth = Math.Max(1, samples.Count / 10);
        return new GrowthRow(process, WarmUp, steps, samples.Take(tenth).Average(), samples.TakeLast(tenth).Average(), samples.Min(), samples.Max());
    }

    /// <summary>A line of /proc/ID/status, which counts in kilobytes of 1,024 bytes.</summary>
    private static double Megabytes(int process, string line) =>
        double.Parse(
            File.ReadLines($"/proc/{process}/status").First(text => text.StartsWith(line, StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal),
            CultureInfo.InvariantCulture) * 1_024 / 1e6;
}
