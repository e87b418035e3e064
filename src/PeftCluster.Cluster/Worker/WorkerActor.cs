using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Worker;

/// <summary>
/// One device: a shell over <see cref="WorkerMachine"/>. It lets the desk do one item after another; the end of an item
/// comes back as a message that names the item, so no end is ever taken for another's.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "An actor ends in PostStop.")]
internal sealed class WorkerActor : ReceiveActor
{
    private readonly WorkerDesk _desk;
    private readonly Dictionary<AssignmentKey, IActorRef> _runs = [];
    private WorkerMachine _machine = WorkerMachine.Empty;
    private CancellationTokenSource _inHand = new();

    /// <param name="desk">Does the work.</param>
    /// <param name="office">Who has to know what became of the device's offer.</param>
    public WorkerActor(WorkerDesk desk, IActorRef office)
    {
        _desk = desk;
        Receive<Accepted>(office.Forward);
        Receive<OfferRefused>(office.Forward);
        Receive<Assign>(assign =>
        {
            _runs[AssignmentKey.Of(assign)] = Sender;
            Context.Watch(Sender);
            Take(new WorkerInput.Said(assign));
        });
        Receive<IRunMessage>(message =>
        {
            // Who asks about a job that is not here any more still gets an answer.
            _runs.TryAdd(AssignmentKey.Of(message), Sender);
            Take(new WorkerInput.Said(message));
        });
        Receive<WorkerInput.Ended>(Take);
        Receive<Terminated>(gone =>
        {
            foreach (var (key, _) in _runs.Where(run => run.Value.Equals(gone.ActorRef)).ToArray())
                Take(new WorkerInput.RunLost(key));
        });
    }

    protected override void PostStop()
    {
        _inHand.Cancel();
        _inHand.Dispose();
        foreach (var (key, run) in _runs)
            run.Tell(new Leaving(key.Job, key.Attempt, 0));
    }

    private void Take(WorkerInput input)
    {
        var (next, effects) = _machine.Decide(input);
        _machine = next;
        foreach (var effect in effects)
            Perform(effect);
        foreach (var key in _runs.Keys.Where(key => !_machine.Assignments.ContainsKey(key)).ToArray())
            _runs.Remove(key);
    }

    private void Perform(WorkerEffect effect)
    {
        switch (effect)
        {
            case WorkerEffect.Start start:
                _inHand.Dispose();
                _inHand = new CancellationTokenSource();
                var (item, token) = (start.Item, _inHand.Token);
                Task.Run(() => _desk.DoAsync(item, token)).PipeTo(Self, success: outcome => new WorkerInput.Ended(item, outcome));
                break;
            case WorkerEffect.Stop:
                _inHand.Cancel();
                break;
            case WorkerEffect.Answer answer when _runs.TryGetValue(AssignmentKey.Of(answer.Message), out var run):
                run.Tell(answer.Message);
                break;
        }
    }
}
