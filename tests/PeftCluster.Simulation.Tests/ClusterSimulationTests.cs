using System.Globalization;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Simulation.Tests;

/// <summary>
/// The machines under everything that can go wrong between them: 5,000 seeds of lost, doubled, late and reordered messages, slow, dying and lying
/// workers, a killed coordinator, failing writes; with measuring, early stopping, the best version and audits. PEFTCLUSTER_SEED runs one seed again, PEFTCLUSTER_SEEDS so many.
/// </summary>
public sealed class ClusterSimulationTests
{
    private const int Seeds = 5_000;
    private static readonly int[] _shards = [1, 2, 3, 4, 5, 8];
    private static readonly JobKind[] _kinds = Enum.GetValues<JobKind>();

    [Fact]
    public async Task Every_seed_ends_with_the_one_adapter_each_row_learnt_once_and_versions_in_order()
    {
        var expected = new Dictionary<(int, JobKind), Expected>();
        foreach (var shards in _shards)
            foreach (var kind in _kinds)
                expected[(shards, kind)] = await SimulatedJobs.ExpectedAsync(SimulatedJobs.Of(shards, kind));
        var seen = new Seen();
        var failures = new SortedDictionary<int, string>();
        int[] seeds = [.. SeedsToRun()];
        Parallel.ForEach(seeds, (seed, loop) =>
        {
            var of = JobOf(seed);
            var simulation = new Simulation(of.Shards, of.Kind, seed);
            try
            {
                Check(simulation, expected[of]);
                lock (seen)
                    seen.Add(simulation);
            }
            catch (Exception wrong) when (wrong is not OutOfMemoryException)
            {
                lock (failures)
                    failures.Add(seed, $"{wrong.Message}; {of.Kind} on {of.Shards} shards; {simulation}");
                loop.Stop();
            }
        });
        Assert.True(failures.Count == 0, string.Join("\n", failures.Take(3).Select(failure =>
            $"seed {failure.Key}: {failure.Value}. Run it again:\nPEFTCLUSTER_SEED={failure.Key} dotnet test -c Release tests/PeftCluster.Simulation.Tests/PeftCluster.Simulation.Tests.csproj")));
        // Seeds that disturb nothing prove nothing.
        if (seeds.Length > 1)
            Assert.All(seen.Counts, count => Assert.True(count.Times > seeds.Length / 50, $"{count.What} happened {count.Times} times in {seeds.Length} seeds"));
    }

    [Fact]
    public void A_seed_gives_the_same_events_again()
    {
        var (first, second) = (new Simulation(4, JobKind.Lied, 99), new Simulation(4, JobKind.Lied, 99));
        first.Run();
        second.Run();
        Assert.Equal(
            first.Attempts.SelectMany(attempt => attempt.Events).OfType<StepCommitted>().Select(step => (step.Step, step.Loss, step.Seconds)),
            second.Attempts.SelectMany(attempt => attempt.Events).OfType<StepCommitted>().Select(step => (step.Step, step.Loss, step.Seconds)));
    }

    [Fact]
    public async Task The_jobs_stop_early_and_find_a_best_version_that_is_not_the_last()
    {
        var stopped = await SimulatedJobs.ExpectedAsync(SimulatedJobs.Of(4, JobKind.Stopped));
        var best = await SimulatedJobs.ExpectedAsync(SimulatedJobs.Of(4, JobKind.Best));
        Assert.Equal((EndReason.EarlyStopped, true), (stopped.End, stopped.Steps is > 1 and < 6));
        Assert.True(best.Best < best.Steps);
    }

    private static (int Shards, JobKind Kind) JobOf(int seed) => (_shards[seed % _shards.Length], _kinds[seed / _shards.Length % _kinds.Length]);

    private static void Check(Simulation simulation, Expected expected)
    {
        var ended = simulation.Run();
        Assert.Equal((JobPhase.Completed, expected.End, expected.Steps, expected.Best), (ended.Phase, ended.End, ended.Steps, ended.Best?.Version));
        Assert.Equal(expected.Sha256, ended.AdapterSha256);
        var next = 0;
        foreach (var attempt in simulation.Attempts)
        {
            int[] steps = [.. attempt.Commits.Select(plan => plan.Step)];
            // A later attempt may make steps again that the disk had not got; it never leaves one out.
            Assert.True(steps.Length == 0 || steps[0] <= next, $"step {next} was left out");
            Assert.Equal(Enumerable.Range(steps.FirstOrDefault(), steps.Length), steps);
            next = Math.Max(next, steps.Length == 0 ? 0 : steps[^1] + 1);
            foreach (var epoch in attempt.Commits.GroupBy(plan => plan.Epoch))
            {
                int[] rows = [.. epoch.SelectMany(plan => plan.MicroBatches).SelectMany(batch => batch.Rows)];
                Assert.Equal(rows.Length, rows.Distinct().Count());
            }
        }
        Assert.Equal(ended.Steps, next);
        OnlyTheLiarIsBlamed(simulation);
        EveryMeasurementIsTheSameInEveryAttempt(simulation);
    }

    private static void OnlyTheLiarIsBlamed(Simulation simulation) => Assert.All(
        simulation.Attempts.SelectMany(attempt => attempt.Events).OfType<RunWarning>().Where(warning => warning.Text.Contains(" is quarantined: ", StringComparison.Ordinal)),
        warning => Assert.StartsWith($"worker {simulation.Liar} is quarantined: ", warning.Text));

    private static void EveryMeasurementIsTheSameInEveryAttempt(Simulation simulation) => Assert.All(
        simulation.Attempts.SelectMany(attempt => attempt.Events).OfType<EvaluationDone>().GroupBy(done => (done.Target, done.Version)),
        measured => Assert.Single(measured.Select(done => done.Metrics).Distinct()));

    private static IEnumerable<int> SeedsToRun() => Environment.GetEnvironmentVariable("PEFTCLUSTER_SEED") is { Length: > 0 } one
        ? [int.Parse(one, CultureInfo.InvariantCulture)]
        : Enumerable.Range(1, Environment.GetEnvironmentVariable("PEFTCLUSTER_SEEDS") is { Length: > 0 } fewer ? int.Parse(fewer, CultureInfo.InvariantCulture) : Seeds);

    /// <summary>What has happened in all seeds together.</summary>
    private sealed class Seen
    {
        private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);

        public IEnumerable<(string What, int Times)> Counts => _counts.Select(count => (count.Key, count.Value));

        public void Add(Simulation simulation)
        {
            var warnings = simulation.Attempts.SelectMany(attempt => attempt.Events).OfType<RunWarning>().Select(warning => warning.Text).ToArray();
            Count("a restart", simulation.Attempts.Count - 1);
            Count("a start from a replayed version", simulation.Attempts.Count(attempt => attempt.FirstStep % 2 == 1));
            Count("a lost worker", warnings.Count(text => text.Contains(" is gone: ", StringComparison.Ordinal)));
            Count("a slow worker", warnings.Count(text => text.Contains(" is slow: ", StringComparison.Ordinal)));
            Count("a quarantine", warnings.Count(text => text.Contains(" is quarantined: ", StringComparison.Ordinal)));
            Count("a moved shard", simulation.Attempts.Sum(attempt => attempt.Copies));
            Count("a failed write", simulation.FailedWrites);
        }

        private void Count(string what, int times) => _counts[what] = _counts.GetValueOrDefault(what) + times;
    }
}
