using System.Security.Cryptography;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Journal;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// One attempt's hold on the run's folder: lock, journal, gradients, snapshots, result (docs/protocol.md, The run's folder). Not for several
/// threads at once.
/// </summary>
public sealed class RunStore : IDisposable
{
    internal const string ManifestName = "run.json";

    /// <summary>A claim that held so lately still counts: a step must not cost a question. Bytes that a lost claim writes meanwhile are void.</summary>
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(2);

    private readonly IRunFiles _files;
    private readonly RunRequest _request;
    private readonly IDisposable _lock;
    private readonly IAttemptClaim _claim;
    private readonly IAppendedFile _journal;
    private RunManifest _manifest;
    private IAppendedFile? _gradients;
    private int _recorded;

    private RunStore(IRunFiles files, RunRequest request, TakenFolder taken, IAttemptLedger ledger)
    {
        (_files, _request, _lock, Notice) = (files, request, taken.Lock, taken.Notice);
        Digest = JobDigest.Of(request.Job);
        _manifest = taken.Earlier ?? new RunManifest(request.RunId, Digest, request.DataKey, JobFile.Write(request.Job), []);
        _claim = ledger.Take(request.RunId, RunFileNames.JournalAttempts(files.Names(request.Folder)).DefaultIfEmpty(0).Max() + 1);
        _journal = files.Create(In(RunFileNames.Journal(Attempt)));
        Best = new BestFile(files, request.Folder);
    }

    /// <summary>1 for a fresh run, one more for each attempt after it.</summary>
    public int Attempt => _claim.Attempt;

    /// <summary>Whether an earlier attempt left something to go on from.</summary>
    public bool Resumes => _manifest.Attempts.Count > 0;

    /// <summary>What a user should read once about how the folder was taken, or null.</summary>
    public string? Notice { get; }

    /// <summary>The best version's file.</summary>
    internal BestFile Best { get; }

    /// <summary>What tells this job from another.</summary>
    public string Digest { get; }

    /// <summary>Takes the folder: its lock, then the attempt's number by making its journal.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="request">The run.</param>
    /// <param name="process">This process's number, for whoever finds the folder in use.</param>
    /// <param name="time">When.</param>
    /// <param name="ledger">Gives the attempt its number and says who holds the run; null: the folder does.</param>
    /// <exception cref="BadInputException">The folder cannot be used; one line says why and what to do.</exception>
    /// <exception cref="FencedException">Another process has taken the attempt.</exception>
    public static RunStore Open(IRunFiles files, RunRequest request, int process, TimeProvider time, IAttemptLedger? ledger = null)
    {
        ledger ??= FolderLedger.Instance;
        var taken = FolderClaim.Take(files, request, process, time, ledger.LocksFolder);
        try
        {
            return new RunStore(files, request, taken, ledger);
        }
        catch (FencedException)
        {
            taken.Lock.Dispose();
            throw;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            taken.Lock.Dispose();
            throw new BadInputException($"{request.Folder}: cannot be written ({refused.Message.TrimEnd('.')}). Choose another output.folder.", refused);
        }
    }

    /// <summary>Reads what earlier attempts left.</summary>
    public RestoredRun Restore(SourceDescription source) =>
        new RunRestoration(_files, _request, Digest, source).Read(_manifest.Attempts);

    /// <summary>Asks whether this process still holds the run, unless that was asked lately. Every write asks as well.</summary>
    /// <param name="age">How old an earlier answer may be.</param>
    /// <exception cref="FencedException">Another process holds it: nothing more may be committed here.</exception>
    public void Confirm(TimeSpan age) => _claim.Confirm(age);

    /// <summary>Notes from where this attempt goes on, before its first record.</summary>
    public void Begin(int version, string chain)
    {
        _claim.Begin(version, chain);
        _recorded = version;
        _manifest = _manifest with { Attempts = [.. _manifest.Attempts, new AttemptStart(Attempt, version, chain)] };
        _files.Write(In(ManifestName), stream => stream.Write(_manifest.ToBytes()));
    }

    /// <summary>
    /// Appends a step's gradient, if it is kept, and its record. Only the record is synced: a gradient that the power took is computed
    /// again, to the same bits, and one that is torn does not have the hash that its record says. The gradient is written from where it lies.
    /// </summary>
    public void Append(int step, byte[] record, SummedGradient? gradient)
    {
        Confirm(_fresh);
        if (gradient is not null)
        {
            _gradients ??= _files.Create(In(RunFileNames.Gradients(Attempt, step)));
            _gradients.Append(JournalCodec.Encode(gradient));
        }
        _journal.Append(record, sync: true);
        _recorded = step + 1;
    }

    /// <summary>Writes a snapshot, drops those before the last two, and with them the gradients that nobody needs. Answers its path.</summary>
    public string Write(Snapshot snapshot)
    {
        Confirm(_fresh);
        // A later attempt would go on from it and lack what was decided in the steps before.
        if (snapshot.Version > _recorded)
            throw new IOException($"step {_recorded} has no record on disk, so version {snapshot.Version} is not kept");
        var path = In(RunFileNames.Snapshot(snapshot.Version));
        _files.Write(path, stream => SnapshotCodec.Write(stream, snapshot));
        _gradients?.Dispose();
        _gradients = null;
        RemoveOld();
        return path;
    }

    /// <summary>Appends what was decided at a version that no step follows.</summary>
    public void AppendLast(byte[] decisions)
    {
        Confirm(_fresh);
        _journal.Append(decisions, sync: true);
    }

    /// <summary>An empty folder to export into.</summary>
    public string PrepareExport()
    {
        var folder = In("adapter.tmp");
        _files.MakeEmptyFolder(folder);
        return folder;
    }

    /// <summary>Puts the exported folder into its place. Answers the place and the SHA-256 of its one safetensors file.</summary>
    public (string Folder, string? Sha256) PublishExport()
    {
        Confirm(TimeSpan.Zero);
        var folder = In("adapter");
        _files.ReplaceFolder(folder, by: In("adapter.tmp"));
        if (_files.Names(folder).FirstOrDefault(name => name.EndsWith(".safetensors", StringComparison.Ordinal)) is not { } weights)
            return (folder, null);
        using var file = _files.Read(Path.Combine(folder, weights));
        return (folder, Convert.ToHexStringLower(SHA256.HashData(file)));
    }

    public void Dispose()
    {
        _gradients?.Dispose();
        _journal.Dispose();
        _lock.Dispose();
    }

    private void RemoveOld()
    {
        var names = _files.Names(_request.Folder);
        int[] versions = [.. RunFileNames.SnapshotVersions(names).OrderDescending()];
        foreach (var version in versions.Skip(2))
            _files.Delete(In(RunFileNames.Snapshot(version)));
        if (_request.Job.Journal.Keep == JournalKeep.All)
            return;
        var oldest = versions.Take(2).Min();
        var files = RunFileNames.GradientFiles(names);
        // A file ends where the next one begins, so it is needed while that one begins after the older snapshot.
        foreach (var (file, next) in files.Zip(files.Skip(1)))
            if (next.Step <= oldest)
                _files.Delete(In(file.Name));
    }

    private string In(string name) => Path.Combine(_request.Folder, name);
}
