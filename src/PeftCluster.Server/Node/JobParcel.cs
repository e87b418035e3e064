using PeftCluster.Data.Preflight;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;

namespace PeftCluster.Server.Node;

/// <summary>
/// What a client brings to a cluster with a job: its data, prepared here, the adapter that it starts from, if any, and its base, all by content. Everything that a user can have got wrong
/// in the job's files is found while it is packed. No weight is loaded, and libtorch is not needed.
/// </summary>
public sealed class JobParcel : IDisposable
{
    private readonly JobSpec _job;
    private readonly IReadOnlyList<LocalFile> _base;
    private readonly IReadOnlyList<LocalFile> _data;

    private JobParcel(JobSpec job, PreparedData data, IReadOnlyList<LocalFile> start, IReadOnlyList<LocalFile> baseFiles)
    {
        (_job, Data, _base, _data) = (job, data, baseFiles, [.. data.Files, .. start]);
        Reference = data.Reference with { Files = [.. _data.Select(file => file.File)], Base = BaseFiles.Reference(baseFiles) };
    }

    /// <summary>The data as prepared here.</summary>
    public PreparedData Data { get; }

    /// <summary>Data and base as workers are told of them.</summary>
    public DataReference Reference { get; }

    /// <summary>Prepares and checks.</summary>
    /// <param name="job">Its model is a folder here, or the name of a model in the Hugging Face cache here.</param>
    /// <param name="folders">Where this machine keeps things.</param>
    /// <param name="preparing">Hears how far the preparation of the data is; null: nobody asks.</param>
    /// <param name="cancellation">Ends preparing and reading.</param>
    /// <exception cref="Jobs.BadInputException">Model or data are not as the job says.</exception>
    public static async Task<JobParcel> PackAsync(JobSpec job, NodeFolders folders, IProgress<PreparationProgress>? preparing, CancellationToken cancellation)
    {
        var here = job with { Model = HubFolder.Here(folders.Hub, job.Model) };
        JobFile.CheckPaths(here);
        var config = ModelConfigFile.Load(here.Model);
        var plan = AdapterPlan.Of(job.Method, config);
        var options = new PreparationOptions { Progress = preparing };
        var data = await Task.Run(() => DataPreflight.Passed(here, DataPreparation.Prepare(here, folders.Cache, options, cancellation)), cancellation);
        try
        {
            ContextCheck.Of(data.Report, config, plan, job.Data.MaxLength);
            InitialAdapter.Check(job.Method, plan);
            var hashes = new KnownHashes(folders.Cache);
            var start = await StartingAdapter.FilesAsync(job.Method, hashes, cancellation);
            // Last, since weights are large: data that is refused is refused before they are read.
            var files = await BaseFiles.OfAsync(here.Model, hashes, cancellation);
            return new JobParcel(job, data, start, files);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>Gives the store what it lacks: data and starting adapter, and the base too if the job lets workers fetch it.</summary>
    /// <returns>How many files were sent.</returns>
    /// <exception cref="IOException">A file cannot be read or kept, or has changed meanwhile.</exception>
    public Task<int> PushAsync(IContentStore store, CancellationToken cancellation) =>
        LocalFile.PushAsync(_job.Base.Fetch ? _data.Concat(_base) : _data, store, cancellation);

    public void Dispose() => Data.Dispose();
}
