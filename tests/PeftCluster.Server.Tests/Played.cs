using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Server.Tests;

/// <summary>A run that tells events that were written before.</summary>
internal sealed class Played(List<RunEvent> events, int attempt) : IRunHandle
{
    public string RunId => "01JD0000000000000000000000";

    public int Attempt => attempt;

    public IAsyncEnumerable<RunEvent> Events => TellAsync();

    // Written out: two libraries have ToAsyncEnumerable.
    private async IAsyncEnumerable<RunEvent> TellAsync()
    {
        foreach (var happened in events)
        {
            await Task.Yield();
            yield return happened;
        }
    }

    public Task<RunEnded> Ended => Task.FromResult(events.OfType<RunEnded>().LastOrDefault() ?? SampleRun.Ended(JobPhase.Failed, 0));

    public void Pause()
    {
    }

    public void Cancel()
    {
    }
}
