using System.Diagnostics.CodeAnalysis;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Cluster.Worker;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Simulation.Tests;

/// <summary>One worker: the real machine and the real desk, in virtual time. Its work is done at once and is told later.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Nothing of it outlives the test.")]
internal sealed class SimulatedWorker(
    IStepSourceFactory device, double slowness, VirtualTime time, PhiloxStream random, ICoordinatorLinks links, Action<SimulatedWorker, IRunMessage> answer)
{
    private readonly WorkerDesk _desk = new(device, links, time);
    private WorkerMachine _machine = WorkerMachine.Empty;
    private CancellationTokenSource _inHand = new();

    public string Name => device.Device;

    public bool IsDead { get; set; }

    public void Take(WorkerInput input)
    {
        if (IsDead)
            return;
        var (next, effects) = _machine.Decide(input);
        _machine = next;
        foreach (var effect in effects)
            switch (effect)
            {
                case WorkerEffect.Start start: Start(start.Item); break;
                case WorkerEffect.Stop: _inHand.Cancel(); break;
                case WorkerEffect.Answer message: answer(this, message.Message); break;
            }
    }

    private void Start(WorkItem item)
    {
        _inHand = new CancellationTokenSource();
        var token = _inHand.Token;
        var milliseconds = item is WorkItem.Leaf or WorkItem.Batch ? slowness * (50 + 50 * random.NextDouble()) : 1;
        var outcome = _desk.DoAsync(item, token).GetAwaiter().GetResult();
        if (outcome is WorkOutcome.Done { Answer: LeafDone leaf })
            outcome = new WorkOutcome.Done(leaf with { Milliseconds = milliseconds });
        if (outcome is WorkOutcome.Done { Answer: Evaluated batch })
            outcome = new WorkOutcome.Done(batch with { Milliseconds = milliseconds });
        time.After(milliseconds, () => Take(new WorkerInput.Ended(item, token.IsCancellationRequested ? new WorkOutcome.Dropped() : outcome)));
    }
}
