using Akka.Actor;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Faults;

/// <summary>
/// Stands between a run and a worker where faults of messages are planted, and loses, doubles, delays and reorders what they say. A message that is
/// held back for another goes at the latest after a moment.
/// </summary>
internal sealed class FaultyPeer : ReceiveActor
{
    private static readonly TimeSpan _longestHeld = TimeSpan.FromMilliseconds(200);

    private readonly IFaultPoints _faults;
    private readonly IActorRef _worker;
    private readonly Dictionary<IActorRef, object> _heldBack = [];

    public FaultyPeer(IActorRef worker, IFaultPoints faults)
    {
        (_worker, _faults) = (worker, faults);
        Context.Watch(worker);
        Receive<Terminated>(_ => Context.Stop(Self));
        Receive<Late>(late => Deliver(late.To, late.Message));
        Receive<LetGo>(letGo => LetGoOf(letGo.To));
        ReceiveAny(message => Pass(Sender.Equals(_worker) ? Context.Parent : _worker, message));
    }

    private void Pass(IActorRef to, object message)
    {
        var planted = message is IRunMessage said
            ? _faults.Pass(to.Equals(_worker) ? FaultPoint.MessageToWorker : FaultPoint.MessageToRun, said.Step, message.GetType().Name)
            : [];
        foreach (var fault in planted)
        {
            switch (fault.Action)
            {
                case FaultAction.Drop:
                    return;
                case FaultAction.Duplicate:
                    Deliver(to, message);
                    break;
                case FaultAction.Delay:
                    Later(TimeSpan.FromMilliseconds(_faults.Draw((int)fault.Amount) + 1), new Late(to, message));
                    return;
                case FaultAction.Reorder when _heldBack.TryAdd(to, message):
                    Later(_longestHeld, new LetGo(to));
                    return;
            }
        }
        Deliver(to, message);
        LetGoOf(to);
    }

    private void LetGoOf(IActorRef to)
    {
        if (_heldBack.Remove(to, out var held))
            Deliver(to, held);
    }

    // Not the actor's timers: their keys would have to be made up, one for each message.
    private void Later(TimeSpan moment, object message) => Task.Delay(moment).PipeTo(Self, success: () => message);

    private void Deliver(IActorRef to, object message) => to.Tell(message, Self);

    private sealed record Late(IActorRef To, object Message);

    private sealed record LetGo(IActorRef To);
}
