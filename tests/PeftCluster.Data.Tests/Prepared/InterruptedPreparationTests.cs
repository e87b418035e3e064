using System.Diagnostics;
using PeftCluster.Data.Prepared;

namespace PeftCluster.Data.Tests.Prepared;

/// <summary>A preparation that is cancelled or killed leaves nothing half: the next one gives the same files, and sweeps what was left.</summary>
public sealed class InterruptedPreparationTests
{
    private static string Temporary(PreparedJob job) => Directory.CreateDirectory(Path.Combine(job.Cache, "prepared", "temporary")).FullName;

    private static string Left(PreparedJob job, string process, string word)
    {
        var path = Path.Combine(Temporary(job), $"{Environment.MachineName}-{process}-{word}-3");
        File.WriteAllText(path, "half");
        return path;
    }

    [Fact]
    public void Cancelled_midway_nothing_is_left_and_the_next_gives_what_an_undisturbed_one_gives()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(2000));
        using var cancelling = new CancellationTokenSource();
        var half = new CancelAt(900, cancelling);

        Assert.Throws<OperationCanceledException>(() => DataPreparation.Prepare(job.Spec(), job.Cache, new PreparationOptions { Progress = half }, cancelling.Token));
        var left = Directory.GetFiles(job.Cache, "*", SearchOption.AllDirectories);
        using var again = job.Prepare();
        using var undisturbed = DataPreparation.Prepare(job.Spec(), job.Cache + "-other", TestContext.Current.CancellationToken);

        Assert.True(half.Seen is > 0 and < 2000);
        Assert.Empty(left);
        Assert.Equal(undisturbed.Files.Select(file => file.File), again.Files.Select(file => file.File));
    }

    [Fact]
    public void What_a_dead_process_left_is_removed_at_the_next_start()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(3));
        using var dead = Process.Start(new ProcessStartInfo("true"))!;
        dead.WaitForExit();
        var ofDead = Left(job, $"{dead.Id}", "0a1b2c3d");
        // Another life of this number: in a container every process is number 1.
        var ofFormer = Left(job, $"{Environment.ProcessId}", "0a1b2c3d");

        using var data = job.Prepare();

        Assert.False(File.Exists(ofDead));
        Assert.False(File.Exists(ofFormer));
        Assert.Empty(Directory.GetFiles(Temporary(job)));
    }

    [Fact]
    public void What_may_be_in_use_stays()
    {
        using var job = new PreparedJob().Train(PreparedJob.Rows(3));
        using var living = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        try
        {
            var ofLiving = Left(job, $"{living.Id}", "0a1b2c3d");
            var ofOther = Path.Combine(Temporary(job), "another-machine-1-0a1b2c3d-3");
            File.WriteAllText(ofOther, "half");
            using var open = File.OpenHandle(Left(job, "999999999", "0a1b2c3d"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);

            using var data = job.Prepare();

            Assert.Equal(3, Directory.GetFiles(Temporary(job)).Length);
            Assert.True(File.Exists(ofLiving));
        }
        finally
        {
            living.Kill();
        }
    }

    private sealed class CancelAt(int rows, CancellationTokenSource source) : IProgress<PreparationProgress>
    {
        public int Seen { get; private set; }

        public void Report(PreparationProgress value)
        {
            Seen = value.Rows;
            if (value.Rows >= rows)
                source.Cancel();
        }
    }
}
