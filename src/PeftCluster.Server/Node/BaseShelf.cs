using System.Diagnostics.CodeAnalysis;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Models;

namespace PeftCluster.Server.Node;

/// <summary>
/// The base models of a node, found by content: the job's path if it is here, the Hugging Face cache, the node's own folder of models, what
/// was fetched before. The first that is the job's base is taken. One device looks at a time; the others then find hashes known.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing to free.")]
internal sealed class BaseShelf(NodeFolders folders, KnownHashes hashes, FetchedFiles files)
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>The folder of the job's base on this machine.</summary>
    /// <param name="job">Its model is a path of the machine where it was submitted.</param>
    /// <param name="wanted">The base by content; null: any of that name.</param>
    /// <param name="content">Where it is fetched from, if the job says so.</param>
    /// <param name="cancellation">Ends looking, reading and fetching.</param>
    /// <exception cref="BadInputException">This machine has no such base, or another one.</exception>
    /// <exception cref="IOException">It could not be fetched.</exception>
    public async Task<string> FindAsync(JobSpec job, BaseReference? wanted, IContentSource content, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            string? other = null;
            foreach (var folder in Places(job.Model, wanted).Where(Directory.Exists))
            {
                if (wanted is null)
                    return folder;
                var misfit = await MisfitAsync(folder, wanted, cancellation);
                if (misfit is null)
                    return folder;
                other ??= misfit;
            }
            return job.Base.Fetch && wanted is not null
                ? await FetchAsync(wanted, content, cancellation)
                : throw new BadInputException($"{other ?? Nowhere(job.Model)} Copy the base, or set base.fetch: true.");
        }
        finally
        {
            _gate.Release();
        }
    }

    private IEnumerable<string> Places(string model, BaseReference? wanted)
    {
        yield return model;
        if (HubFolder.Find(folders.Hub, model) is { } snapshot)
            yield return snapshot;
        if (folders.Models is { } models)
            yield return Path.Combine(models, HubFolder.NameOf(model));
        if (wanted is not null)
            yield return Fetched(wanted);
    }

    private string Fetched(BaseReference wanted) => Path.Combine(folders.Cache, "bases", wanted.Sha256);

    /// <summary>Why the folder is not the base, as a sentence; null where it is.</summary>
    private async Task<string?> MisfitAsync(string folder, BaseReference wanted, CancellationToken cancellation)
    {
        try
        {
            var here = BaseFiles.Reference(await BaseFiles.OfAsync(folder, hashes, cancellation));
            return here.Sha256 == wanted.Sha256
                ? null
                : $"its base model {folder} has sha {here.Sha256[..8]}…, this job's has {wanted.Sha256[..8]}… (unlike: {string.Join(", ", wanted.Differences(here))}).";
        }
        catch (BadInputException unfit)
        {
            return unfit.Message;
        }
    }

    private async Task<string> FetchAsync(BaseReference wanted, IContentSource content, CancellationToken cancellation)
    {
        var folder = Fetched(wanted);
        Directory.CreateDirectory(folder);
        foreach (var file in wanted.Files)
        {
            // The name becomes a path on this machine.
            if (!ContentName.IsFileName(file.Name))
                throw new BadInputException($"model: the base has a file \"{file.Name}\", which is no file name.");
            await files.BringAsync(file, Path.Combine(folder, file.Name), content, cancellation);
        }
        return await MisfitAsync(folder, wanted, cancellation) is { } misfit ? throw new BadInputException(misfit) : folder;
    }

    private string Nowhere(string model) =>
        $"its base model is not on this machine: not {model}, not in the Hugging Face cache {folders.Hub}, {(folders.Models is { } own ? $"not {Path.Combine(own, HubFolder.NameOf(model))}" : "and the node has no folder of models (--models)")}.";
}
