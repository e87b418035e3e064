using System.Globalization;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Comparison;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;

namespace PeftCluster.Server.Comparing;

/// <summary>
/// Runs a comparison's jobs one after another, each as any other job on a cluster here or elsewhere, and keeps what they gave. What is done is not done again; a job
/// that was interrupted is resumed.
/// </summary>
public sealed class ComparisonRun
{
    private readonly ComparisonSpec _spec;
    private readonly Settings _settings;
    private ResultStore? _store;

    /// <summary>How jobs are run.</summary>
    /// <param name="Place">Opens the place of a job's run.</param>
    /// <param name="Folders">Where prepared data and models are.</param>
    /// <param name="Time">The clock.</param>
    public sealed record Settings(Func<JobSpec, CancellationToken, Task<IRunPlace>> Place, NodeFolders Folders, TimeProvider Time);

    public ComparisonRun(ComparisonSpec spec, Settings settings) => (_spec, _settings) = (spec, settings);

    /// <summary>Runs what is not done yet. That every method fits its model and that all rows can be read is checked before the first, and before the folder is made.</summary>
    /// <param name="path">The comparison's file, as the user wrote it.</param>
    /// <param name="report">Takes what each job gave, also what was there already.</param>
    /// <param name="cancellation">Pauses the run in hand; a comparison that is started again goes on with it.</param>
    /// <exception cref="BadInputException">A job cannot run here, which is named with its arm, or the comparison's folder cannot be used.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public async Task<ComparisonTable> RunAsync(string path, Action<JobReport> report, CancellationToken cancellation)
    {
        foreach (var compared in _spec.Jobs.OrderBy(compared => compared.IsPrompting).DistinctBy(compared => (compared.Job.Model, compared.Job.Method)))
            await NamedAsync(compared, path, () => Task.FromResult(AdapterPlan.Of(compared.Job.Method, ModelConfigFile.Load(Here(compared.Job).Model))));
        foreach (var compared in _spec.Jobs.DistinctBy(compared => (compared.Job.Model, compared.Job.Data)))
            (await NamedAsync(compared, path, () => PrepareAsync(Here(compared.Job), cancellation))).Dispose();
        _store = ResultStore.Open(_spec.Folder);
        var (results, failed) = (new List<ArmResult>(), new List<FailedArm>());
        foreach (var (number, compared) in _spec.Jobs.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            var told = await NamedAsync(compared, path, () => OneAsync(compared, path, cancellation));
            report(told with { Number = number + 1, Jobs = _spec.Jobs.Count });
            results.AddRange(told.Results);
            if (told.Failure is { } why)
                failed.Add(new FailedArm(NameOf(compared), compared.Seed, why));
        }
        return ComparisonTable.Of(_spec.Name, _spec.Seeds, results, failed);
    }

    private async Task<JobReport> OneAsync(ComparedJob compared, string path, CancellationToken cancellation)
    {
        var (job, here) = (compared.Job, Here(compared.Job));
        // What costs are counted from; the run finds it prepared.
        using var data = await PrepareAsync(here, cancellation);
        var identity = $"{JobDigest.Of(job)} {data.InputKey}";
        if (_store!.Of(identity) is { Count: > 0 } known)
            return new JobReport(NameOf(compared), compared.Seed, known, IsNew: false);
        using var times = new RunTimes();
        // The same job on other rows is another run, too.
        var run = compared with { Job = job with { Output = new OutputSpec { Folder = $"{job.Output.Folder}-{data.InputKey[..8]}" } } };
        var outcome = await RunAsync(run, path, times, cancellation);
        if (outcome.Ended.Phase is JobPhase.Paused or JobPhase.Cancelled)
            throw new OperationCanceledException(cancellation);
        if (outcome.Ended.Phase != JobPhase.Completed)
            return new JobReport(NameOf(compared), compared.Seed, [], IsNew: true) { Failure = outcome.Ended.Reason };
        var model = ModelConfigFile.Load(here.Model);
        ArmResult[] results = [.. outcome.Evaluations.Where(one => one.Adapter != compared.IsPrompting).Select(one => Result(compared, identity, one, model, data, times))];
        _store.Add(results);
        return new JobReport(NameOf(compared), compared.Seed, results, IsNew: true);
    }

    private Task<PreparedData> PrepareAsync(JobSpec here, CancellationToken cancellation) =>
        Task.Run(() => DataPreparation.Prepare(here, _settings.Folders.Cache, cancellation), cancellation);

    /// <summary>The job with its model where it lies on this machine.</summary>
    private JobSpec Here(JobSpec job)
    {
        var here = job with { Model = HubFolder.Here(_settings.Folders.Hub, job.Model) };
        JobFile.CheckPaths(here);
        return here;
    }

    private async Task<RunOutcome> RunAsync(ComparedJob compared, string path, RunTimes times, CancellationToken cancellation)
    {
        await using var place = await _settings.Place(compared.Job, cancellation);
        using var log = new RunLog(verbose: false);
        using var watchers = StandardWatchers.With(log, _settings.Time, times);
        // An unfinished run of the same job is gone on with; where there is none, this is the first attempt.
        var run = await place.SubmitAsync(compared.Job, path, new SubmitOptions(Resume: true), cancellation);
        await using var stop = cancellation.Register(run.Pause);
        return await run.WatchAsync(watchers);
    }

    private static ArmResult Result(ComparedJob compared, string identity, MeasuredTarget one, ModelConfig model, PreparedData data, RunTimes times) => new()
    {
        Arm = compared.IsPrompting ? PromptName(one.Shots, compared.WrongLabels) : compared.Arm,
        Shots = compared.IsPrompting ? one.Shots : null,
        Seed = compared.Seed,
        Identity = identity,
        Accuracy = one.ExactMatch,
        Templates = one.Choices?.Templates,
        MacroF1 = one.Choices?.MacroF1,
        Scores = one.Scores,
        Loss = one.Loss,
        PromptTokens = one.PromptTokens,
        Rows = one.Rows,
        Costs = compared.IsPrompting ? ArmCosts.OfPrompt(model, data, one.PromptTokens) : ArmCosts.OfMethod(compared.Job, model, data),
        Seconds = compared.IsPrompting ? times.Of(one.Shots) : times.Seconds,
    };

    private static async Task<T> NamedAsync<T>(ComparedJob compared, string path, Func<Task<T>> job)
    {
        try
        {
            return await job();
        }
        catch (BadInputException refused)
        {
            throw OfArm(compared, path, refused);
        }
    }

    private static BadInputException OfArm(ComparedJob compared, string path, BadInputException refused) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{path}: {NameOf(compared)}, seed {compared.Seed}: {refused.Message}"), refused);

    private static string NameOf(ComparedJob compared) => compared.IsPrompting ? compared.WrongLabels > 0 ? "prompting, wrong examples" : "prompting" : compared.Arm;

    private static string PromptName(int shots, double wrong) =>
        wrong == 0 ? ShotName.Of(shots) : string.Create(CultureInfo.InvariantCulture, $"{ShotName.Of(shots)}, {wrong * 100:0.##} % wrong");
}
