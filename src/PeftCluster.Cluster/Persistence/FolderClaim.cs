using System.Globalization;
using System.Text.Json;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// Takes a folder for one attempt of a run: the lock first, then whether what lies there may be gone on with. Every refusal
/// is one line for the user.
/// </summary>
internal static class FolderClaim
{
    private const string Lock = "run.lock", Owner = "run.owner.json";

    /// <summary>The held lock, and the manifest of the run that lies there (null: none).</summary>
    /// <exception cref="BadInputException">The folder cannot be used.</exception>
    public static (IDisposable Lock, RunManifest? Earlier) Take(IRunFiles files, RunRequest request, int process, TimeProvider time)
    {
        IDisposable? held;
        try
        {
            files.MakeFolder(request.Folder);
            held = files.TryLock(Path.Combine(request.Folder, Lock));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{request.Folder}: cannot be written ({refused.Message.TrimEnd('.')}). Choose another output.folder.", refused);
        }
        if (held is null)
            throw new BadInputException($"{request.Folder}: in use by another run{InUseBy(files, request.Folder, time)}. Choose another output.folder, or wait.");
        try
        {
            var earlier = Earlier(files, request);
            files.Write(Path.Combine(request.Folder, Owner), stream => stream.Write(new RunOwner(process, time.GetUtcNow()).ToBytes()));
            return (held, earlier);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            held.Dispose();
            throw new BadInputException($"{request.Folder}: cannot be written ({refused.Message.TrimEnd('.')}). Choose another output.folder.", refused);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static RunManifest? Earlier(IRunFiles files, RunRequest request)
    {
        if (!files.Names(request.Folder).Contains(RunStore.ManifestName))
            return null;
        if (!request.Resume)
            throw new BadInputException($"{request.Folder}: a run lies here already. Add --resume to go on with it, or choose another output.folder.");
        RunManifest earlier;
        try
        {
            using var stream = files.Read(Path.Combine(request.Folder, RunStore.ManifestName));
            earlier = RunManifest.Of(stream);
        }
        catch (JsonException damaged)
        {
            throw new BadInputException($"{Path.Combine(request.Folder, RunStore.ManifestName)}: damaged, so nobody knows whose run this is. Choose another output.folder.", damaged);
        }
        if (earlier.JobDigest != JobDigest.Of(request.Job))
            throw new BadInputException($"{request.Folder}: another job's run lies here; they differ in {Differences(earlier.Job, request)}. Choose another output.folder, or resume with the job as it was.");
        if (earlier.DataKey != request.DataKey)
            throw new BadInputException($"{request.Folder}: the run that lies here learnt from other data; the files, the tokenizer or the template have changed. Choose another output.folder, or put them back.");
        return earlier;
    }

    private static string Differences(string earlierJob, RunRequest request)
    {
        try
        {
            var earlier = JobFile.Parse(earlierJob, "run.json", Environment.CurrentDirectory, []);
            return string.Join(", ", JobDigest.Differences(earlier, request.Job));
        }
        catch (BadInputException)
        {
            return "keys that this build does not know";
        }
    }

    private static string InUseBy(IRunFiles files, string folder, TimeProvider time)
    {
        try
        {
            using var stream = files.Read(Path.Combine(folder, Owner));
            var owner = RunOwner.Of(stream);
            var started = TimeZoneInfo.ConvertTime(owner.Started, time.LocalTimeZone).ToString("HH:mm", CultureInfo.InvariantCulture);
            return string.Create(CultureInfo.InvariantCulture, $" (process {owner.Process}, started {started})");
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or JsonException)
        {
            return "";
        }
    }
}
