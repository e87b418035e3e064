using System.Threading.Channels;
using Akka.Actor;
using PeftCluster.Cluster.Coordinator;

namespace PeftCluster.Cluster.Queue;

/// <summary>
/// Where a run writes its events when clients follow it from afar. Its end is not passed on: that is told by the jobs actor, when it is stored.
/// </summary>
internal sealed class FollowedWriter(string runId, IActorRef followers) : ChannelWriter<RunEvent>
{
    public override bool TryWrite(RunEvent item)
    {
        if (item is not RunEnded)
            followers.Tell(new FollowersActor.Happened(runId, item));
        return true;
    }

    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(true);

    public override bool TryComplete(Exception? error = null) => true;
}
