using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Tests.Persistence;

/// <summary>What becomes of a run that lies in the folder of another.</summary>
public sealed class FolderClaimTests
{
    [Fact]
    public async Task The_same_command_given_twice_moves_the_finished_run_aside_and_says_so()
    {
        using var parent = new TestFolder();
        var folder = Path.Combine(parent.Path, "run");
        var first = await TestRuns.RunAsync(TestRuns.Request(folder), workers: 1);
        var firstJournal = File.ReadAllBytes(Path.Combine(folder, "journal-000001.bin"));

        var second = await TestRuns.RunAsync(TestRuns.Request(folder), workers: 1);

        Assert.Equal(JobPhase.Completed, second.Ended.Phase);
        Assert.Equal(first.Ended.AdapterSha256, second.Ended.AdapterSha256);
        Assert.Equal(firstJournal, File.ReadAllBytes(Path.Combine($"{folder}.1", "journal-000001.bin")));
        Assert.Equal($"{folder}: a finished run lay here; it lies in {folder}.1 now", second.Events.OfType<RunWarning>().Single().Text);
    }

    [Fact]
    public async Task Each_finished_run_gets_a_name_of_its_own()
    {
        using var parent = new TestFolder();
        var folder = Path.Combine(parent.Path, "run");
        for (var run = 0; run < 3; run++)
            await TestRuns.RunAsync(TestRuns.Request(folder, TestRuns.Job(steps: 2)), workers: 1);

        Assert.Equal(["run", "run.1", "run.2"], Directory.GetDirectories(parent.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task An_unfinished_run_is_not_moved_but_refused_with_the_way_on()
    {
        using var folder = new TestFolder();
        await TestRuns.RunAsync(TestRuns.Request(folder.Path), workers: 1, (happened, run) =>
        {
            if (happened is StepCommitted { Step: 3 })
                run.Pause();
            return Task.CompletedTask;
        });

        var refused = Assert.Throws<BadInputException>(() => Open(folder.Path));

        Assert.Equal($"{folder.Path}: an unfinished run lies here. Add --resume to go on with it, or choose another output.folder.", refused.Message);
    }

    private static RunStore Open(string folder) =>
        RunStore.Open(new DiskFiles(), TestRuns.Request(folder), process: 41, TimeProvider.System);
}
