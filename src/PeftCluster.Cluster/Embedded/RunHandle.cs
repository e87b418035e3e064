using System.Threading.Channels;
using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Embedded;

/// <summary>A run of the embedded cluster. Its end is known as soon as it is written, whether or not somebody reads the events.</summary>
internal sealed class RunHandle(string runId, int attempt, ChannelReader<RunEvent> events, IActorRef jobs) : IRunHandle
{
    private readonly TaskCompletionSource<RunEnded> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string RunId => runId;

    public int Attempt => attempt;

    public IAsyncEnumerable<RunEvent> Events => events.ReadAllAsync();

    public Task<RunEnded> Ended => _ended.Task;

    public void Pause() => jobs.Tell(new DecideJob(runId, UserDecision.Pause));

    public void Cancel() => jobs.Tell(new DecideJob(runId, UserDecision.Cancel));

    /// <summary>The writer that a run uses: what it writes goes on, and its end is noted.</summary>
    public ChannelWriter<RunEvent> Watching(ChannelWriter<RunEvent> inner) => new NotingWriter(inner, _ended);

    private sealed class NotingWriter(ChannelWriter<RunEvent> inner, TaskCompletionSource<RunEnded> ended) : ChannelWriter<RunEvent>
    {
        public override bool TryWrite(RunEvent item)
        {
            var written = inner.TryWrite(item);
            if (item is RunEnded end)
                ended.TrySetResult(end);
            return written;
        }

        public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => inner.WaitToWriteAsync(cancellationToken);

        public override bool TryComplete(Exception? error = null) => inner.TryComplete(error);
    }
}
