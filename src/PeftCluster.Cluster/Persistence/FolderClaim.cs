using System.Globalization;
using System.Text.Json;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// Takes a folder for one attempt of a run: the lock first, then whether what lies there may be gone on with. A finished run
/// that lies there makes room for a new one under another name, so the same command can be given twice and nothing is lost;
/// an unfinished one is gone on with or left alone. Every refusal is one line for the user.
/// </summary>
internal static class FolderClaim
{
    private const string Lock = "run.lock", Owner = "run.owner.json";

    /// <summary>The held lock (where the database does not say who holds the run), and the manifest of the run that lies there (null: none).</summary>
    /// <exception cref="BadInputException">The folder cannot be used.</exception>
    public static TakenFolder Take(IRunFiles files, RunRequest request, int process, TimeProvider time, bool locks = true)
    {
        var held = Hold(files, request, time, locks);
        try
        {
            string? notice = null;
            if (!request.Resume && HoldsFinishedRun(files, request.Folder))
            {
                held.Dispose();
                notice = MakeRoom(files, request.Folder);
                held = Hold(files, request, time, locks);
            }
            var earlier = Earlier(files, request);
            files.Write(Path.Combine(request.Folder, Owner), stream => stream.Write(new RunOwner(process, time.GetUtcNow()).ToBytes()));
            return new TakenFolder(held, earlier, notice);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            held.Dispose();
            throw NotWritable(request.Folder, refused);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static IDisposable Hold(IRunFiles files, RunRequest request, TimeProvider time, bool locks)
    {
        try
        {
            files.MakeFolder(request.Folder);
            return !locks ? new NoLock() : files.TryLock(Path.Combine(request.Folder, Lock))
                ?? throw new BadInputException($"{request.Folder}: in use by another run{InUseBy(files, request.Folder, time)}. Choose another output.folder, or wait.");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(request.Folder, refused);
        }
    }

    private static BadInputException NotWritable(string folder, Exception refused) =>
        new($"{folder}: cannot be written ({refused.Message.TrimEnd('.')}). Choose another output.folder.", refused);

    /// <summary>A run exports its adapter when it has made its last step, and not before.</summary>
    private static bool HoldsFinishedRun(IRunFiles files, string folder) =>
        files.Names(folder).Contains(RunStore.ManifestName) && files.Names(Path.Combine(folder, "adapter")).Count > 0;

    private static string MakeRoom(IRunFiles files, string folder)
    {
        var number = 1;
        while (files.Names(Aside(number)).Count > 0)
            number++;
        files.MoveFolder(folder, Aside(number));
        return $"{folder}: a finished run lay here; it lies in {Aside(number)} now";

        string Aside(int place) => string.Create(CultureInfo.InvariantCulture, $"{folder}.{place}");
    }

    private static RunManifest? Earlier(IRunFiles files, RunRequest request)
    {
        if (!files.Names(request.Folder).Contains(RunStore.ManifestName))
            return null;
        if (!request.Resume)
            throw new BadInputException($"{request.Folder}: an unfinished run lies here. Add --resume to go on with it, or choose another output.folder.");
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
            var keys = string.Join(", ", JobDigest.Differences(earlier, request.Job));
            return keys.Length > 0 ? keys : "a default that has changed since its build";
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

/// <summary>Stands for the lock where the database says who holds the run: a coordinator that hangs must not keep the next one out.</summary>
internal sealed class NoLock : IDisposable
{
    public void Dispose()
    {
    }
}

/// <summary>A folder that this attempt holds.</summary>
/// <param name="Lock">Held until it is disposed.</param>
/// <param name="Earlier">The run that lies there, or null.</param>
/// <param name="Notice">What the user should read once, or null.</param>
internal sealed record TakenFolder(IDisposable Lock, RunManifest? Earlier, string? Notice);
