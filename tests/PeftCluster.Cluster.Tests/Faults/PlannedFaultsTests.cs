using PeftCluster.Cluster.Faults;

namespace PeftCluster.Cluster.Tests.Faults;

public sealed class PlannedFaultsTests
{
    [Fact]
    public void A_fault_strikes_at_its_number_only_and_once()
    {
        using var planted = new Planted(new Fault("worker.leaf_computed", FaultAction.Nan) { At = 3 });
        Assert.Empty(planted.Faults.Pass("worker.leaf_computed", 2));
        Assert.Empty(planted.Faults.Pass("worker.before_send", 3));
        Assert.Single(planted.Faults.Pass("worker.leaf_computed", 3));
        Assert.Empty(planted.Faults.Pass("worker.leaf_computed", 3));
    }

    [Fact]
    public void Fitting_passes_can_be_let_by_first()
    {
        using var planted = new Planted(new Fault("disk.append", FaultAction.DiskFull) { Of = "journal-", Skip = 2, Times = 0 });
        Assert.Empty(planted.Faults.Pass("disk.append", of: "journal-000001.bin"));
        Assert.Empty(planted.Faults.Pass("disk.append", of: "gradients-000001-00000000.bin"));
        Assert.Empty(planted.Faults.Pass("disk.append", of: "journal-000001.bin"));
        Assert.Single(planted.Faults.Pass("disk.append", of: "journal-000001.bin"));
        Assert.Single(planted.Faults.Pass("disk.append", of: "journal-000001.bin"));
    }

    [Fact]
    public void A_strike_is_in_the_log_with_its_point_action_number_and_time()
    {
        using var planted = new Planted(new Fault("run.computing", FaultAction.Note));
        Assert.Empty(planted.Faults.Pass("run.computing", 5));
        Assert.Matches(@"^run\.computing note 5 \d+\n$", planted.Log);
    }

    [Fact]
    public void Whoever_draws_from_the_same_seed_draws_the_same()
    {
        using var one = new Planted(new Fault("message.to_run", FaultAction.Drop) { Chance = 0.5, Times = 0 });
        using var other = new Planted(new Fault("message.to_run", FaultAction.Drop) { Chance = 0.5, Times = 0 });
        int[] Strikes(Planted planted) => [.. Enumerable.Range(0, 64).Select(_ => planted.Faults.Pass("message.to_run").Count)];
        var drawn = Strikes(one);
        Assert.Equal(drawn, Strikes(other));
        Assert.InRange(drawn.Sum(), 1, 63);
    }

    [Fact]
    public async Task A_hold_lasts_until_whoever_planted_it_says_go_on()
    {
        using var planted = new Planted(new Fault("worker.exporting", FaultAction.Hold) { Amount = 600 });
        var fault = Assert.Single(planted.Faults.Pass("worker.exporting"));
        var held = planted.Faults.HoldAsync(fault, TestContext.Current.CancellationToken);
        Assert.False(held.IsCompleted);
        planted.GoOn();
        await held.WaitAsync(TestRuns.Patience, TestContext.Current.CancellationToken);
    }

    private sealed class Planted : IDisposable
    {
        private readonly TestFolder _folder = new();
        private readonly string _log;

        public Planted(Fault fault)
        {
            _log = Path.Combine(_folder.Path, "fired");
            Faults = new PlannedFaults(new FaultPlan(7, _log, [fault]), TimeProvider.System);
        }

        public PlannedFaults Faults { get; }

        public string Log => File.ReadAllText(_log);

        public void GoOn() => File.WriteAllText(_log + ".go", "");

        public void Dispose() => _folder.Dispose();
    }
}
