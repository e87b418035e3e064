using System.Threading.Channels;
using Akka.Actor;
using PeftCluster.Cluster.Coordinator;

namespace PeftCluster.Cluster.Queue;

/// <summary>Who hears how a run goes: whoever submitted it in this process, with its folder open, or clients from afar, through the followers.</summary>
/// <param name="followers">Tells clients what happens.</param>
internal sealed class RunAudience(IActorRef followers)
{
    private readonly Dictionary<string, JobsProtocol.Submit> _here = [];

    /// <summary>A run is submitted in this process.</summary>
    public void Add(JobsProtocol.Submit submit) => _here.Add(submit.Request.RunId, submit);

    /// <summary>Whether the run was submitted in this process.</summary>
    public bool IsHere(string runId) => _here.ContainsKey(runId);

    /// <summary>What was submitted in this process; null for a run from afar.</summary>
    public JobsProtocol.Submit? Here(string runId) => _here.GetValueOrDefault(runId);

    /// <summary>Where a run from afar writes its events.</summary>
    public ChannelWriter<RunEvent> Afar(string runId) => new FollowedWriter(runId, followers);

    /// <summary>A run stands still, and that is stored.</summary>
    public void Tell(RunStood stood)
    {
        if (!_here.Remove(stood.RunId, out var submit))
        {
            TellAgain(stood.RunId, stood.Ended);
            return;
        }
        // Where its run has told the end itself, this changes nothing.
        submit.Watcher.TryWrite(stood.Ended);
        submit.Watcher.TryComplete();
        submit.Store.Dispose();
    }

    /// <summary>The end of a run from afar, also of one that ended in an earlier life of this coordinator.</summary>
    public void TellAgain(string runId, RunEnded ended) => followers.Tell(new FollowersActor.Happened(runId, ended));
}
