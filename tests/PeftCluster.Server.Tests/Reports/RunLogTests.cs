using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Tests.Reports;

public sealed class RunLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, SampleRun.Steps)]
    public void Steps_are_logged_only_when_verbose(bool verbose, int steps)
    {
        using (var log = new RunLog(verbose))
        {
            log.Opened(SampleRun.Header(_folder.Path));
            foreach (var happened in SampleRun.Whole())
                log.Hear(happened);
        }

        var lines = File.ReadAllLines(_folder["run.log"]);
        Assert.Equal(steps, lines.Count(line => line.Contains("DBG step", StringComparison.Ordinal)));
        Assert.Contains(SampleRun.Sha256, lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_is_logged_with_its_causes()
    {
        var path = _folder["peft.log"];

        Assert.True(LogFile.Append(path, new InvalidOperationException("it broke", new IOException("the cable"))));

        var text = File.ReadAllText(path);
        Assert.Contains("it broke", text, StringComparison.Ordinal);
        Assert.Contains("the cable", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_cannot_be_written_is_no_further_error()
    {
        File.WriteAllText(_folder["a-file"], "");

        Assert.False(LogFile.Append(Path.Combine(_folder["a-file"], "peft.log"), new IOException("it broke")));
    }

    public void Dispose() => _folder.Dispose();
}
