using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Faults;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Server.Chaos;

/// <summary>One row from its start to its verdict: nodes, job, strike, reaction, end.</summary>
internal sealed class ChaosRun(ChaosRow row, ChaosSettings settings, string folder, string? undisturbed)
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(20);

    /// <summary>The adapter's SHA-256 at the end.</summary>
    public string? Sha256 { get; private set; }

    /// <summary>Runs it.</summary>
    public async Task<ChaosResult> RunAsync(CancellationToken cancellation)
    {
        await using var world = await ChaosWorld.StartAsync(row, settings, folder, cancellation);
        if (row.Script is { } script)
            return await script(row, world, settings, cancellation);
        await using var client = new ChaosClient(row, settings, world.CoordinatorPlaces);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reacting = Task.Run(() => ReactAsync(world, client, over.Token), CancellationToken.None);
        var ended = await client.RunAsync(resume: false, cancellation);
        if (row.Reaction == ChaosReaction.Pause && ended.Phase == JobPhase.Paused)
            ended = await client.RunAsync(resume: true, cancellation);
        await over.CancelAsync();
        await reacting;
        Sha256 = ended.AdapterSha256;
        return Verdict(world, client, ended);
    }

    private async Task ReactAsync(ChaosWorld world, ChaosClient client, CancellationToken cancellation)
    {
        if (row.Reaction == ChaosReaction.None)
            return;
        try
        {
            while (world.Strikes.Count == 0)
                await Task.Delay(_look, settings.Time, cancellation);
            var strike = world.Strikes[0];
            var struck = world.Slots.First(slot => slot.Files.Any(files => files.Name == strike.Node));
            await ReactAsync(world, client, struck, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The run ended first; the verdict says what that means.
        }
    }

    private async Task ReactAsync(ChaosWorld world, ChaosClient client, NodeSlot struck, CancellationToken cancellation)
    {
        switch (row.Reaction)
        {
            case ChaosReaction.Continue:
                var frozen = struck.Now;
                await Task.Delay(TimeSpan.FromSeconds(row.Seconds), settings.Time, CancellationToken.None);
                frozen.Continue();
                break;
            case ChaosReaction.Join:
                await world.AddWorkerAsync(cancellation);
                await client.HasWorkersAsync(row.Workers + 1, cancellation);
                world.GoOn();
                break;
            case ChaosReaction.Leave:
                var leaving = struck == world.Coordinator ? world.Slots[1] : struck;
                leaving.Now.Terminate();
                await leaving.Now.EndedAsync(cancellation);
                world.GoOn();
                break;
            case ChaosReaction.StartTwin:
                // To its end, also when the run has ended first: what it says is what counts.
                await world.StartTwinAsync(row.Twin!(world), CancellationToken.None).WaitAsync(row.Within, settings.Time, CancellationToken.None);
                break;
            case ChaosReaction.Partition:
                await world.Network!.CutAsync(row.Struck, cut: true);
                await Task.Delay(TimeSpan.FromSeconds(row.Seconds), settings.Time, CancellationToken.None);
                await world.Network.CutAsync(row.Struck, cut: false);
                break;
            case ChaosReaction.OneWayLoss:
                await world.Network!.LoseAsync(row.Struck, lose: true);
                await Task.Delay(TimeSpan.FromSeconds(row.Seconds), settings.Time, CancellationToken.None);
                await world.Network.LoseAsync(row.Struck, lose: false);
                break;
            case ChaosReaction.Pause:
                await client.Run!.DecideAsync(Cluster.Wire.UserDecision.Pause);
                break;
            case ChaosReaction.Cancel:
                await client.Run!.DecideAsync(Cluster.Wire.UserDecision.Cancel);
                break;
        }
    }

    private ChaosResult Verdict(ChaosWorld world, ChaosClient client, RunEnded ended)
    {
        var strikes = world.Strikes;
        var missing = row.Plant.SelectMany(planted => planted.Value)
            .Where(fault => !fault.IsSetting && !strikes.Any(strike => $"{strike.Point} {strike.Action}" == fault.ToString())).Select(fault => fault.ToString()).ToArray();
        var heard = client.Heard;
        var problem = Problem(world, heard, ended);
        var recovery = strikes.Count > 0 ? Recovery(strikes[0], heard) : null;
        var note = missing.Length > 0 ? $"never struck: {string.Join(", ", missing)}" : problem ?? Good(ended);
        return new ChaosResult(row.Fault, missing.Length == 0, problem is null, recovery, note) { Point = row.Point };
    }

    /// <summary>
    /// Until the struck step is committed: what was committed just before the strike may be heard after it. Where the strike has no step, until any step is.
    /// </summary>
    private static double? Recovery(Strike strike, IReadOnlyList<(long Milliseconds, RunEvent Happened)> heard)
    {
        var step = strike.Point.StartsWith(FaultPoint.RunPrefix, StringComparison.Ordinal) || strike.Point.StartsWith("worker.", StringComparison.Ordinal) ? strike.Number : 0;
        var next = heard.FirstOrDefault(one => one.Milliseconds >= strike.Milliseconds && one.Happened is StepCommitted committed && committed.Step >= step);
        return next.Happened is null ? null : next.Milliseconds - strike.Milliseconds;
    }

    private string? Problem(ChaosWorld world, IReadOnlyList<(long Milliseconds, RunEvent Happened)> heard, RunEnded ended)
    {
        if (ended.End != row.Ends)
            return $"ended {ended.End?.ToString() ?? ended.Phase.ToString()}: {ended.Reason}";
        if (row.Ends == EndReason.AllStepsDone && undisturbed is not null && ended.AdapterSha256 != undisturbed)
            return $"other bits: {ended.AdapterSha256?[..12]} and not {undisturbed[..12]}";
        var says = row.Says.Replace("{worker1}", world.Slots.Count > 1 ? world.Slots[1].Address : "", StringComparison.Ordinal);
        if (says.Length > 0 && !Texts(world, heard, ended).Any(text => text.Contains(says, StringComparison.Ordinal)))
            return $"nobody said \"{says}\"";
        return row.NobodyIsMoved && Moved(heard) is { } moved ? moved : null;
    }

    private static IEnumerable<string> Texts(ChaosWorld world, IReadOnlyList<(long Milliseconds, RunEvent Happened)> heard, RunEnded ended) =>
        [ended.Reason, SaidWithoutNames(world), .. heard.Select(one => one.Happened).OfType<RunWarning>().Select(warning => warning.Text)];

    /// <summary>What nodes say of themselves when they come up names them too, and means nothing.</summary>
    private static string SaidWithoutNames(ChaosWorld world) =>
        string.Join('\n', world.Said.Split('\n').Where(line => !line.Contains(" is up", StringComparison.Ordinal)));

    private static string? Moved(IReadOnlyList<(long Milliseconds, RunEvent Happened)> heard) =>
        heard.Select(one => one.Happened).OfType<RunWarning>().Select(warning => warning.Text).FirstOrDefault(text => text.Contains("computed elsewhere", StringComparison.Ordinal));

    private string Good(RunEnded ended) => row.Ends == EndReason.AllStepsDone
        ? row.Says.Length > 0 ? $"same bits; said: {row.Says}" : "same bits"
        : $"{row.Ends.Name()}: {ended.Reason.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)}";
}
