using PeftCluster.Cluster.Coordinator;
using PeftCluster.Data.Preflight;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Server.Reports;
using PeftCluster.Steps.Measures;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Plugins;
using PeftCluster.Training.Source;

namespace PeftCluster.Server.Node;

/// <summary>
/// Measures the held-out rows outside of a run: the base with each number of examples in the prompt, then an adapter from a
/// folder. Batches are those of a run, so the figures are too; the devices of this machine take them in turn.
/// </summary>
public static class HeldOutMeasurement
{
    /// <summary>Measures everything that the job asks for.</summary>
    /// <param name="job">The job; its method is not used, the adapter knows its own.</param>
    /// <param name="adapterFolder">An adapter in the Hugging Face PEFT layout, or null: the base alone.</param>
    /// <param name="report">Takes each result as it comes.</param>
    /// <param name="warn">Takes what a user should read once.</param>
    /// <param name="samples">Takes what was measured of each row; null: nobody does.</param>
    /// <param name="cancellation">Polled between tokens.</param>
    /// <exception cref="BadInputException">The job has no held-out rows, or model, data or adapter are not fit.</exception>
    public static async Task<IReadOnlyList<MeasuredTarget>> RunAsync(
        JobSpec job, string? adapterFolder, Action<MeasuredTarget> report, Action<string> warn, SampleFile? samples, CancellationToken cancellation)
    {
        var folders = new NodeFolders();
        job = job with { Model = HubFolder.Here(folders.Hub, job.Model) };
        JobFile.CheckPaths(job);
        if (!job.Data.HasEval)
            throw new BadInputException("data.eval: there are no held-out rows to measure. Add data.eval or data.eval_fraction to the job.");
        var adapter = adapterFolder is null ? null : AdapterFolder.Open(adapterFolder, warn);
        adapter?.CheckTask(ModelConfigFile.Load(job.Model));
        job = job with { Method = adapter?.Method ?? job.Method };
        // As at a submit, data that cannot be measured is told of before weights are read.
        using var data = await Task.Run(() => DataPreflight.Passed(job, DataPreparation.Prepare(job, folders.Cache, cancellation)), cancellation);
        job = data.Complete(job);
        var config = ModelConfigFile.Load(job.Model);
        ContextCheck.Of(data.Report, config, AdapterPlan.Of(job.Method, config), job.Data.MaxLength);
        var devices = ComputeDevice.For(job.Resources.Device, WorkerCount.Of(job, Environment.ProcessorCount));
        await using var loaded = await LoadedBase.OpenAsync(job.Model, job.BaseDtype, devices[0], job.Resources.Threads, cancellation);
        await using var sources = await Sources.OpenAsync(job, devices, data, cancellation);
        var vector = adapter?.Read((await sources.All[0].DescribeAsync(cancellation)).Layout);

        var results = new List<MeasuredTarget>();
        foreach (var shots in job.Evaluation.Shots.DefaultIfEmpty(0))
            await MeasureAsync(shots, null);
        if (vector is not null)
            await MeasureAsync(0, vector.AsMemory());
        return results;

        async Task MeasureAsync(int shots, ReadOnlyMemory<float>? version)
        {
            EvaluationWork[] batches = [.. Enumerable.Range(0, data.Eval!.Count).Chunk(job.Evaluation.BatchSize)
                .Select(batch => new EvaluationWork(batch, shots) { Measurement = results.Count, Texts = samples is not null })];
            var rows = await sources.EvaluateAsync(batches, version, cancellation);
            if (LeftOutExamples.Warning(rows, shots) is { } leftOut)
                warn(leftOut);
            samples?.Add(data, version is not null, shots, rows);
            results.Add(Mean(version is not null, shots, rows, data.Eval.Variants));
            report(results[^1]);
        }
    }

    /// <summary>Means in the order of the rows, whoever measured which.</summary>
    private static MeasuredTarget Mean(bool adapter, int shots, IReadOnlyList<RowEvaluation> rows, int variants) => new(
        adapter,
        shots,
        rows.Sum(row => row.LossSum) / Math.Max(1, rows.Sum(row => row.Labels)),
        rows.Count(row => row.ExactMatch) / (double)Math.Max(1, rows.Count),
        rows.Sum(row => (long)row.PromptTokens) / (double)Math.Max(1, rows.Count),
        rows.Count,
        Score.Means(rows),
        ChoiceMetrics.Of(rows, variants));

    /// <summary>One source for each device, each answering one batch at a time.</summary>
    private sealed class Sources(List<TorchSourceFactory> devices, List<IStepSource> all) : IAsyncDisposable
    {
        public List<IStepSource> All => all;

        public static async Task<Sources> OpenAsync(JobSpec job, IReadOnlyList<ComputeDevice> devices, PreparedData data, CancellationToken cancellation)
        {
            var opened = new Sources(
                [.. devices.Select(device => new TorchSourceFactory(device, job.Resources.Threads, data.Train, spec => new RowEvaluator(data, spec.Evaluation, PluginJob.MetricsOf(spec)).Evaluate))], []);
            await opened.FillAsync(job, cancellation);
            return opened;
        }

        public async Task<IReadOnlyList<RowEvaluation>> EvaluateAsync(IEnumerable<EvaluationWork> work, ReadOnlyMemory<float>? adapter, CancellationToken cancellation)
        {
            var batches = new Queue<EvaluationWork>(work);
            var results = new List<RowEvaluation>();
            await Task.WhenAll(all.Select(async source =>
            {
                while (Next() is { } batch)
                {
                    var measured = await source.EvaluateAsync(batch, adapter, cancellation);
                    lock (results)
                        results.AddRange(measured);
                }
            }));
            return [.. results.OrderBy(row => row.Row)];

            EvaluationWork? Next()
            {
                lock (batches)
                    return batches.TryDequeue(out var batch) ? batch : null;
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var source in all)
                await source.DisposeAsync();
            foreach (var device in devices)
                await device.DisposeAsync();
        }

        private async Task FillAsync(JobSpec job, CancellationToken cancellation)
        {
            foreach (var device in devices)
                all.Add(await device.OpenAsync(SourceRequest.Own(job), cancellation));
        }
    }
}
