using System.Threading.Channels;
using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Embedded;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Client;

/// <summary>A run at a coordinator, as its client sees it. What the coordinator tells comes in over the network.</summary>
public sealed class RemoteRun : IRunHandle
{
    private readonly Channel<RunEvent> _events = Channel.CreateUnbounded<RunEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource<RunEnded> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IActorRef _conversation = ActorRefs.Nobody;

    private RemoteRun(string runId, string? adapterFolder) => (RunId, AdapterFolder) = (runId, adapterFolder);

    public string RunId { get; }

    /// <summary>Where the adapter is put, or null: it is left at the coordinator.</summary>
    public string? AdapterFolder { get; }

    /// <summary>The attempt that was told last; 1 before any has begun.</summary>
    public int Attempt { get; private set; } = 1;

    public IAsyncEnumerable<RunEvent> Events => _events.Reader.ReadAllAsync();

    public Task<RunEnded> Ended => _ended.Task;

    internal Task Taken => _taken.Task;

    public void Pause() => _ = DecideAsync(UserDecision.Pause);

    public void Cancel() => _ = DecideAsync(UserDecision.Cancel);

    /// <summary>Tells the coordinator what the user has decided; done when it is stored there. The run's end confirms it.</summary>
    /// <exception cref="InvalidOperationException">It is refused, or the run has ended; the line says why.</exception>
    public async Task DecideAsync(UserDecision decision)
    {
        var stored = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _conversation.Tell(new RemoteRunActor.Wish(decision, stored));
        await Task.WhenAny(stored.Task, _ended.Task);
        if (!stored.Task.IsCompleted)
            throw new InvalidOperationException($"the run has ended: {(await _ended.Task).Reason}");
        await stored.Task;
    }

    /// <summary>Stops following. The run goes on.</summary>
    public void Leave() => _conversation.Tell(PoisonPill.Instance);

    internal static RemoteRun Start(ActorSystem system, string runId, SubmitJob? submit, string? adapterFolder, RemoteOptions options)
    {
        var run = new RemoteRun(runId, adapterFolder);
        run._conversation = system.ActorOf(Props.Create(() => new RemoteRunActor(submit, run, options)));
        return run;
    }

    internal void Take() => _taken.TrySetResult();

    internal void Refuse(Exception why) => _taken.TrySetException(why);

    internal void Tell(RunEvent happened)
    {
        if (happened is RunStarted started)
            Attempt = started.Attempt;
        _events.Writer.TryWrite(happened);
        if (happened is not RunEnded ended)
            return;
        _events.Writer.TryComplete();
        _ended.TrySetResult(ended);
    }
}
