using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs;
using PeftCluster.Steps.Journal;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// Reads what earlier attempts left: the newest good snapshot, and every gradient after it whose record and hashes hold, through the optimizer.
/// What is torn or damaged ends the replay there and is computed again, to the same bits; it is never fatal and always told.
/// </summary>
internal sealed class RunRestoration(IRunFiles files, RunRequest request, string digest, SourceDescription source)
{
    private readonly List<string> _warnings = [];
    private readonly List<LastDecisions> _last = [];

    /// <summary>What can be gone on from.</summary>
    public RestoredRun Read(IReadOnlyList<AttemptStart> attempts)
    {
        var names = files.Names(request.Folder);
        var entries = Entries(attempts, names);
        var restored = From(int.MaxValue, entries, names);
        if (Lacking(restored) is not { } best)
            return restored;
        _warnings.Add($"{best.File}: damaged or gone, and it is the best version; steps from {best.Version} or before are computed again");
        return From(best.Version, entries, names);
    }

    /// <summary>The newest version that can be had, up to this one.</summary>
    private RestoredRun From(int most, SortedDictionary<int, JournalEntry> entries, IReadOnlyList<string> names)
    {
        foreach (var later in entries.Keys.Where(step => step >= most).ToArray())
            entries.Remove(later);
        foreach (var version in RunFileNames.SnapshotVersions(names).Where(version => version <= most).OrderDescending())
            if (ReadSnapshot(version) is { } snapshot && Begun(snapshot) is { } begun)
            {
                var replay = Replayed(snapshot, begun, entries, names);
                var last = _last.LastOrDefault(last => last.Version == replay.State.Version && last.Chain == replay.Chain && last.Version < most);
                return new RestoredRun(replay.State, replay.Chain, Decisions(replay.State.Version, entries, last), _warnings);
            }
        return new RestoredRun(null, "", [], _warnings);
    }

    /// <summary>
    /// The best version, where the result needs it and its file is not there. A newer file means that the decision for it was lost:
    /// it will be taken again, and the older file was dropped rightly.
    /// </summary>
    private BestVersion? Lacking(RestoredRun restored)
    {
        if (!request.Job.Training.LoadBestModelAtEnd || restored.State is not { } state || restored.Decisions.OfType<BestVersion>().LastOrDefault() is not { } best)
            return null;
        var file = new BestFile(files, request.Folder);
        return file.IsWhole(best) || file.HasSince(state.Version, digest) ? null : best;
    }

    /// <summary>Where the journal leads to another adapter than it says, the snapshot itself: a replay that went wrong is not gone on from.</summary>
    private JournalReplay Replayed(Snapshot snapshot, JournalReplay replay, SortedDictionary<int, JournalEntry> entries, IReadOnlyList<string> names)
    {
        try
        {
            Replay(replay, entries, names);
            return replay;
        }
        catch (InvalidDataException differs)
        {
            _warnings.Add($"journal: {differs.Message}; steps from {snapshot.Version} are computed again");
            return new JournalReplay(snapshot, source.Layout, request.Job.Training, source.Allocation);
        }
    }

    private JournalReplay? Begun(Snapshot snapshot)
    {
        try
        {
            return new JournalReplay(snapshot, source.Layout, request.Job.Training, source.Allocation);
        }
        catch (InvalidDataException other)
        {
            _warnings.Add($"{RunFileNames.Snapshot(snapshot.Version)}: {other.Message}; an older snapshot is used");
            return null;
        }
    }

    /// <summary>The record of each step; a later attempt's stands for an earlier one's.</summary>
    private SortedDictionary<int, JournalEntry> Entries(IReadOnlyList<AttemptStart> attempts, IReadOnlyList<string> names)
    {
        var entries = new SortedDictionary<int, JournalEntry>();
        foreach (var start in attempts)
        {
            var name = RunFileNames.Journal(start.Attempt);
            if (!names.Contains(name))
                continue;
            using var stream = files.Read(Path.Combine(request.Folder, name));
            var content = JournalCodec.Read(stream, start.Chain);
            if (content.Ending == JournalEnding.Damaged)
                _warnings.Add($"{name}: {content.Problem}; steps after it are computed again");
            foreach (var later in entries.Keys.Where(step => step >= start.Version).ToArray())
                entries.Remove(later);
            foreach (var entry in content.Entries)
                entries[entry.Record.Step] = entry;
            if (content.Last is { } last)
                _last.Add(last);
        }
        return entries;
    }

    private Snapshot? ReadSnapshot(int version)
    {
        var name = RunFileNames.Snapshot(version);
        try
        {
            using var stream = files.Read(Path.Combine(request.Folder, name));
            var snapshot = SnapshotCodec.Read(stream, name);
            if (snapshot.JobDigest == digest && snapshot.LayoutHash == source.Layout.Hash && snapshot.Version == version)
                return snapshot;
            _warnings.Add($"{name}: of another job or layout; an older snapshot is used");
        }
        catch (Exception damaged) when (damaged is BadInputException or IOException or InvalidDataException)
        {
            _warnings.Add($"{name}: damaged, or of an earlier build; an older snapshot is used");
        }
        return null;
    }

    private void Replay(JournalReplay replay, SortedDictionary<int, JournalEntry> entries, IReadOnlyList<string> names)
    {
        foreach (var (name, _, _) in RunFileNames.GradientFiles(names))
        {
            using var stream = files.Read(Path.Combine(request.Folder, name));
            var reader = new JournalReader(stream);
            while (reader.Read())
            {
                if (reader.Kind != JournalKind.Gradient || JournalCodec.DecodeGradient(reader.Payload) is not { } gradient || gradient.Step != replay.State.Version)
                    continue;
                if (!entries.TryGetValue(gradient.Step, out var entry))
                    return;
                if (replay.Advance(entry, gradient) is { } problem)
                {
                    _warnings.Add($"{name}: {problem}; steps from there are computed again");
                    break;
                }
            }
            if (reader.Ending == JournalEnding.Damaged)
                _warnings.Add($"{name}: {reader.Problem}; steps after it are computed again");
        }
    }

    private static IReadOnlyList<RunDecision> Decisions(int version, SortedDictionary<int, JournalEntry> entries, LastDecisions? last) =>
        [.. RunDecisionCodec.Decode(entries.Where(entry => entry.Key < version).SelectMany(entry => entry.Value.Record.Decisions).Concat(last?.Decisions ?? []))];
}

/// <summary>What a resumed run goes on from.</summary>
/// <param name="State">Adapter and optimizer; null where no snapshot is good, and the run begins again.</param>
/// <param name="Chain">The journal chain's hash there.</param>
/// <param name="Decisions">What was decided up to there: measurements need not be taken again, an early stop holds.</param>
/// <param name="Warnings">What was damaged, a line each.</param>
public sealed record RestoredRun(AdapterState? State, string Chain, IReadOnlyList<RunDecision> Decisions, IReadOnlyList<string> Warnings);
