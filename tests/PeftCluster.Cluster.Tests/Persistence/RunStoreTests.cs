using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Journal;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Tests.Persistence;

public sealed class RunStoreTests
{
    [Fact]
    public void A_folder_in_use_is_refused_with_the_process_that_holds_it()
    {
        using var folder = new TestFolder();
        var time = new FixedTime(new DateTimeOffset(2026, 11, 24, 14, 2, 30, TimeSpan.Zero));
        using var first = RunStore.Open(new DiskFiles(), TestRuns.Request(folder.Path), 4121, time);
        var refused = Assert.Throws<BadInputException>(() => RunStore.Open(new DiskFiles(), TestRuns.Request(folder.Path, resume: true), 5000, time));
        Assert.Equal($"{folder.Path}: in use by another run (process 4121, started 14:02). Choose another output.folder, or wait.", refused.Message);
    }

    [Fact]
    public void The_lock_file_of_a_dead_process_holds_nobody_up()
    {
        using var folder = new TestFolder();
        File.WriteAllText(Path.Combine(folder.Path, "run.lock"), "");
        File.WriteAllText(Path.Combine(folder.Path, "run.owner.json"), """{"process":4121,"started":"2026-11-24T14:02:00+00:00"}""");
        using var store = RunStore.Open(new DiskFiles(), TestRuns.Request(folder.Path), 5000, TimeProvider.System);
        Assert.Equal(1, store.Attempt);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_in_one_line()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");
        var inside = Path.Combine(file, "run");
        var refused = Assert.Throws<BadInputException>(() => RunStore.Open(new DiskFiles(), TestRuns.Request(inside), 1, TimeProvider.System));
        Assert.StartsWith($"{inside}: cannot be written (", refused.Message);
        Assert.EndsWith("). Choose another output.folder.", refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Each_attempt_takes_a_number_of_its_own_by_making_its_journal()
    {
        using var folder = new TestFolder();
        for (var attempt = 1; attempt <= 3; attempt++)
            using (var store = RunStore.Open(new DiskFiles(), TestRuns.Request(folder.Path, resume: true), 1, TimeProvider.System))
                Assert.Equal(attempt, store.Attempt);
        Assert.Equal(3, Directory.GetFiles(folder.Path, "journal-*.bin").Length);
    }

    [Fact]
    public void A_snapshot_whose_last_step_has_no_record_is_not_written()
    {
        using var folder = new TestFolder();
        using var store = RunStore.Open(new DiskFiles(), TestRuns.Request(folder.Path), 1, TimeProvider.System);
        store.Begin(0, "chain");
        store.Write(Of(0));
        Assert.Throws<IOException>(() => store.Write(Of(1)));
        store.Append(0, [1], null);
        store.Write(Of(1));

        static Snapshot Of(int version) => new(version, "chain", "job", "layout", new float[16], []);
    }

    [Fact]
    public void A_damaged_manifest_is_refused_by_name()
    {
        using var folder = new TestFolder();
        File.WriteAllText(Path.Combine(folder.Path, "run.json"), "{");
        var refused = Assert.Throws<BadInputException>(() => RunStore.Open(new DiskFiles(), TestRuns.Request(folder.Path, resume: true), 1, TimeProvider.System));
        Assert.StartsWith(Path.Combine(folder.Path, "run.json") + ": damaged", refused.Message);
    }

    [Theory]
    [InlineData(JournalKeep.Snapshots, new[] { "gradients-000001-00000005.bin", "gradients-000001-00000010.bin" })]
    [InlineData(JournalKeep.All, new[] { "gradients-000001-00000000.bin", "gradients-000001-00000005.bin", "gradients-000001-00000010.bin" })]
    public async Task Two_snapshots_are_kept_and_the_gradients_since_the_older_one(JournalKeep keep, string[] gradients)
    {
        using var folder = new TestFolder();
        await TestRuns.RunAsync(TestRuns.Request(folder.Path, TestRuns.Job() with { Journal = new JournalSpec { Keep = keep } }), workers: 1);
        Assert.Equal(["snapshot-00000010.safetensors", "snapshot-00000012.safetensors"], Names(folder, "snapshot-*"));
        Assert.Equal(keep == JournalKeep.All ? gradients : gradients[1..], Names(folder, "gradients-*"));
    }

    [Fact]
    public async Task Without_kept_gradients_a_run_goes_on_from_its_snapshot_to_the_same_bits()
    {
        using var folder = new TestFolder();
        var job = TestRuns.Job() with { Journal = new JournalSpec { MaxVector = 0 } };
        await using (var cluster = await EmbeddedCluster.StartAsync(cancellation: TestContext.Current.CancellationToken))
        {
            cluster.AddWorker(new ArithmeticSourceFactory("cpu:0", new ArithmeticShape { Throws = (9, 0) }));
            await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path, job));
        }
        Assert.Empty(Names(folder, "gradients-*"));
        var (ended, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, job, resume: true), workers: 1);
        Assert.Equal(5, events.OfType<RunStarted>().Single().FirstStep);
        using var other = new TestFolder();
        Assert.Equal((await TestRuns.RunAsync(TestRuns.Request(other.Path), workers: 1)).Ended.AdapterSha256, ended.AdapterSha256);
    }

    [Fact]
    public async Task A_full_disk_ends_the_run_in_one_line_and_it_goes_on_when_there_is_room()
    {
        using var folder = new TestFolder();
        await using (var cluster = await EmbeddedCluster.StartAsync(new EmbeddedOptions { Files = new FaultyFiles(fullAfterAppends: 13) }, TestContext.Current.CancellationToken))
        {
            cluster.AddWorker(new ArithmeticSourceFactory("cpu:0"));
            var (ended, _) = await TestRuns.RunAsync(cluster, TestRuns.Request(folder.Path));
            Assert.Equal(
                (EndReason.StorageFailed, $"{folder.Path}: cannot be written any more (No space left on device). Make room, then go on with --resume"),
                (ended.End, ended.Reason));
        }
        var (later, events) = await TestRuns.RunAsync(TestRuns.Request(folder.Path, resume: true), workers: 1);
        Assert.Equal((JobPhase.Completed, 6), (later.Phase, events.OfType<RunStarted>().Single().FirstStep));
    }

    private static string[] Names(TestFolder folder, string pattern) =>
        [.. Directory.GetFiles(folder.Path, pattern).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
