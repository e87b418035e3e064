using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Cluster.Faults;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Faults;

public sealed class FaultSeamTests
{
    [Fact]
    public async Task A_run_passes_every_state_of_itself_and_of_its_job()
    {
        using var folder = new TestFolder();
        var log = Path.Combine(folder.Path, "fired");
        var (ended, _) = await RunAsync(Path.Combine(folder.Path, "run"), log, [.. FaultPoint.All.Select(point => new Fault(point, FaultAction.Note))]);

        Assert.Equal(EndReason.AllStepsDone, ended.End);
        var passed = File.ReadAllLines(log).Select(line => line.Split(' ')[0]).ToHashSet();
        string[] states =
        [
            "run.initialising", "run.measuring_base", "run.computing", "run.checking", "run.updating", "run.measuring_adapter", "run.exporting",
            "run.releasing", "run.ended", "run.record_written", "run.snapshot_written", "job.starting", "job.running", "job.completed",
        ];
        Assert.Empty(states.Except(passed));
    }

    [Fact]
    public async Task Messages_that_are_lost_doubled_late_and_disordered_change_no_bit()
    {
        using var folder = new TestFolder();
        var (calm, _) = await RunAsync(Path.Combine(folder.Path, "calm"), Path.Combine(folder.Path, "none"), []);
        FaultAction[] actions = [FaultAction.Drop, FaultAction.Duplicate, FaultAction.Delay, FaultAction.Reorder];
        var log = Path.Combine(folder.Path, "fired");
        var (ended, _) = await RunAsync(Path.Combine(folder.Path, "run"), log,
            [.. actions.SelectMany(action => new[] { FaultPoint.MessageToRun, FaultPoint.MessageToWorker }.Select(point =>
                new Fault(point, action, Times: action == FaultAction.Drop ? 1 : 0, Chance: 0.1)))]);

        Assert.Equal(calm.AdapterSha256, ended.AdapterSha256);
        var struck = File.ReadAllLines(log).Select(line => line.Split(' ')[1]).ToHashSet();
        Assert.Superset(new HashSet<string> { "duplicate", "delay", "reorder" }, struck);
    }

    private static async Task<(RunEnded Ended, List<RunEvent> Events)> RunAsync(string folder, string log, IReadOnlyList<Fault> faults)
    {
        var planted = new PlannedFaults(new FaultPlan(7, log, faults), TimeProvider.System);
        await using var cluster = await EmbeddedCluster.StartAsync(new EmbeddedOptions { Faults = planted }, TestContext.Current.CancellationToken);
        for (var worker = 0; worker < 2; worker++)
            cluster.AddWorker(new ArithmeticSourceFactory($"cpu:{worker}"));
        return await TestRuns.RunAsync(cluster, TestRuns.Request(folder));
    }
}
