using Akka.Actor;
using PeftCluster.Cluster.Faults;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>The workers of one run as the actor system knows them: names to actors and back.</summary>
internal sealed class RunWorkers(IActorContext context, RunRequest request, int attempt, string endpoint, IFaultPoints faults)
{
    private readonly Dictionary<string, IActorRef> _actors = [];
    private readonly Dictionary<IActorRef, string> _names = [];
    private readonly RunMessages _messages = new(request, attempt, endpoint);

    public void Add(string worker, IActorRef actor)
    {
        if (_actors.ContainsKey(worker))
            return;
        if (request.Disturbance is { } disturbance)
            actor = context.ActorOf(Props.Create<DisturbedLink>(actor, worker, disturbance.Seed));
        if (faults.IsPlanted)
        {
            var peer = actor;
            actor = context.ActorOf(Props.Create(() => new FaultyPeer(peer, faults)));
        }
        _actors.Add(worker, actor);
        _names.Add(actor, worker);
        context.Watch(actor);
    }

    /// <summary>An actor has ended.</summary>
    public void Remove(IActorRef actor, Action<string> lost)
    {
        if (!_names.Remove(actor, out var worker))
            return;
        _actors.Remove(worker);
        lost(worker);
    }

    /// <summary>A worker's process is gone, whatever its actor says.</summary>
    public void Remove(string worker, Action<string> lost)
    {
        if (!_actors.TryGetValue(worker, out var actor))
            return;
        context.Unwatch(actor);
        Remove(actor, lost);
    }

    public string? NameOf(IActorRef actor) => _names.GetValueOrDefault(actor);

    public bool IsOurs(IRunMessage message) => message.Job == request.RunId && message.Attempt == attempt;

    /// <summary>Sends what an effect asks of a worker.</summary>
    public void Send(RunEffect effect)
    {
        var (worker, message) = _messages.Of(effect);
        if (!_actors.TryGetValue(worker, out var actor))
            return;
        foreach (var part in Parts(message))
            actor.Tell(part, context.Self);
    }

    // The planted fault must show with any number of workers, and two sums are the same in either order. So each micro-batch is
    // asked for by itself: then its gradient comes by itself.
    private IEnumerable<IRunMessage> Parts(IRunMessage message) =>
        request.Disturbance is { SumInOrderOfArrival: true } && message is StepWork { MicroBatches.Count: > 1 } work
            ? work.MicroBatches.Select(batch => work with { MicroBatches = [batch] })
            : [message];
}
