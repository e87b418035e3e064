using Akka.Actor;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Cluster.Transport;

/// <summary>
/// Stands between a run and a worker and delivers what they say late and in another order, drawn from a seed. A vector counts
/// from the message that speaks of it, so vectors are late with their messages. The result must not change by a bit.
/// </summary>
internal sealed class DisturbedLink : ReceiveActor
{
    private const int LongestDelayMilliseconds = 3;

    private readonly List<(IActorRef To, object Message)> _held = [];
    private readonly PhiloxStream _random;
    private bool _waiting;

    public DisturbedLink(IActorRef worker, string name, long seed)
    {
        _random = new PhiloxStream(seed, $"disturbed link to {name}");
        Context.Watch(worker);
        Receive<Terminated>(_ => Context.Stop(Self));
        Receive<Deliver>(_ =>
        {
            _waiting = false;
            DeliverSome();
            Wait();
        });
        ReceiveAny(message =>
        {
            _held.Add((Sender.Equals(worker) ? Context.Parent : worker, message));
            Wait();
        });
    }

    private void DeliverSome()
    {
        for (var count = 1 + _random.NextBelow(_held.Count); count > 0; count--)
        {
            var chosen = _random.NextBelow(_held.Count);
            var (to, message) = _held[chosen];
            _held.RemoveAt(chosen);
            to.Tell(message, Self);
        }
    }

    private void Wait()
    {
        if (_waiting || _held.Count == 0)
            return;
        _waiting = true;
        // The actor system's own timer counts in 10 ms, which would be the whole time of a short step.
        Task.Delay(_random.NextBelow(LongestDelayMilliseconds + 1)).PipeTo(Self, success: () => Deliver.Instance);
    }

    private sealed record Deliver
    {
        public static Deliver Instance { get; } = new();
    }
}
