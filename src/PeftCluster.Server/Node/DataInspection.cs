using PeftCluster.Data.Preflight;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;

namespace PeftCluster.Server.Node;

/// <summary>A job's data looked at as a submit looks at it, and told of: <c>peft data check</c> and <c>peft data show</c>. No weight is loaded, and libtorch is not needed.</summary>
public static class DataInspection
{
    /// <summary>Prepares the data, or finds it prepared, and checks it.</summary>
    /// <param name="job">Its model is a folder here, or the name of a model in the Hugging Face cache here.</param>
    /// <param name="folders">Where this machine keeps things.</param>
    /// <param name="preparing">Hears how far the preparation is; null: nobody asks.</param>
    /// <param name="cancellation">Ends preparing.</param>
    /// <returns>Everything that was found; what a submit would refuse is a refusal in it.</returns>
    /// <exception cref="BadInputException">The job names files that are not there, or its model is none.</exception>
    public static Task<PreflightReport> CheckAsync(JobSpec job, NodeFolders folders, IProgress<PreparationProgress>? preparing, CancellationToken cancellation) => Task.Run(
        () =>
        {
            var here = Here(job, folders);
            var config = ModelConfigFile.Load(here.Model);
            var plan = AdapterPlan.Of(job.Method, config);
            try
            {
                using var data = DataPreparation.Prepare(here, folders.Cache, new PreparationOptions { Progress = preparing }, cancellation);
                var report = DataPreflight.Report(here, data);
                return TooLongForModel(data, config, plan, job) is { } refusal ? report.With(refusal) : report;
            }
            catch (BadInputException unprepared)
            {
                return PreflightReport.Unprepared(unprepared.Message);
            }
        },
        cancellation);

    /// <summary>One row as the model gets it.</summary>
    /// <param name="job">As for <see cref="CheckAsync"/>.</param>
    /// <param name="heldOut">Whether it is a held-out row.</param>
    /// <param name="row">Its number, from 1.</param>
    /// <param name="folders">Where this machine keeps things.</param>
    /// <param name="preparing">Hears how far the preparation is; null: nobody asks.</param>
    /// <param name="cancellation">Ends preparing.</param>
    /// <exception cref="BadInputException">The data cannot be prepared, or there is no such row.</exception>
    public static Task<SampleRow> ShowAsync(
        JobSpec job, bool heldOut, int row, NodeFolders folders, IProgress<PreparationProgress>? preparing, CancellationToken cancellation) => Task.Run(
        () =>
        {
            var here = Here(job, folders);
            using var data = DataPreparation.Prepare(here, folders.Cache, new PreparationOptions { Progress = preparing }, cancellation);
            return DataPreflight.Row(here, data, heldOut, row);
        },
        cancellation);

    private static JobSpec Here(JobSpec job, NodeFolders folders)
    {
        var here = job with { Model = HubFolder.Here(folders.Hub, job.Model) };
        JobFile.CheckPaths(here);
        return here;
    }

    private static Finding? TooLongForModel(PreparedData data, ModelConfig config, AdapterPlan plan, JobSpec job)
    {
        try
        {
            ContextCheck.Of(data.Report, config, plan, job.Data.MaxLength);
            return null;
        }
        catch (BadInputException tooLong)
        {
            return new Finding(FindingKind.ContextLength, Severity.Refused, tooLong.Message);
        }
    }
}
