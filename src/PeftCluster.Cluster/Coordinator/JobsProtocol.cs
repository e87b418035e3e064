using System.Threading.Channels;
using Akka.Actor;
using PeftCluster.Cluster.Persistence;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>What is said to <see cref="JobsActor"/> and <see cref="RunActor"/> within their node. None of it crosses the network.</summary>
internal static class JobsProtocol
{
    /// <summary>Start this run; its folder is held.</summary>
    public sealed record Submit(RunRequest Request, RunStore Store, ChannelWriter<RunEvent> Watcher);

    /// <summary>jobs → run: here is a worker.</summary>
    public sealed record HereIs(string Worker, IActorRef Actor);

    /// <summary>A device's connection has ended.</summary>
    public sealed record DeviceGone(string Device);

    /// <summary>jobs → run: a worker's process is gone.</summary>
    public sealed record Gone(string Worker, string Cause);

    /// <summary>run → jobs: what the run says of a worker.</summary>
    public sealed record Noted(string Worker, string Text);

    /// <summary>Which devices are there, and what do they do? Answer: <see cref="WorkersTold"/>.</summary>
    public sealed record AskWorkers;

    /// <summary>jobs → who asked.</summary>
    public sealed record WorkersTold(IReadOnlyList<Wire.WorkerStatus> Workers);

    /// <summary>jobs → run: finish the step in hand, then pause.</summary>
    public sealed record PauseRun;

    /// <summary>jobs → run: end at once.</summary>
    public sealed record CancelRun;

    /// <summary>jobs → run: another coordinator holds the run; nothing more may be committed.</summary>
    public sealed record Fenced(string Reason);

    /// <summary>run → jobs: steps begin.</summary>
    public sealed record Running(int Attempt);

    /// <summary>run → jobs: the run is over, its folder is free.</summary>
    public sealed record Over(int Attempt, RunEnded Ended);
}
