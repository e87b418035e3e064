using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Persistence;
using PeftCluster.Cluster.Transport;
using PeftCluster.Jobs.Lifecycle;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Simulation.Tests;

/// <summary>What the run's desk does, without lines and threads: the simulated run says when.</summary>
internal sealed class SimulatedDesk(RunRequest request, RunStore store, IRunVectors channel, int totalSteps)
{
    private SourceDescription? _source;
    private RunArithmetic? _arithmetic;
    private float[] _arrived = [];

    public RunArithmetic Arithmetic => _arithmetic ?? throw new InvalidOperationException("no worker has told the layout yet");

    public void Use(SourceDescription source)
    {
        if (_arithmetic is not null)
            return;
        _source = source;
        _arithmetic = new RunArithmetic(request.Job, store.Digest, source, totalSteps);
        _arrived = new float[source.Layout.Length];
    }

    public RunInput.Restored Restore()
    {
        var restored = store.Restore(_source!);
        if (restored.State is not { } state)
            return new RunInput.Restored(null, []);
        Arithmetic.BeginAt(state, restored.Chain);
        store.Begin(state.Version, restored.Chain);
        Publish();
        return new RunInput.Restored(state.Version, restored.Decisions);
    }

    public RunInput VersionZero(string worker)
    {
        if (!Taken(VectorAddress.VersionZero(request.RunId, store.Attempt, worker)))
            return new RunInput.Ticked();
        Arithmetic.BeginAt(_arrived);
        store.Begin(0, Arithmetic.Chain);
        Publish();
        return new RunInput.VersionZeroCame(worker);
    }

    public RunInput Add(RunEffect.AddNode add)
    {
        if (!Taken(new VectorAddress(request.RunId, store.Attempt, add.Step, add.Node, add.Worker)))
            return new RunInput.NodeSpoilt(add.Worker, add.Step, add.Node, "not in the channel", add.Sum, IsGone: true);
        if (!RunArithmetic.Fits(add.Node, add.LeafHashes, _arrived))
            return new RunInput.NodeSpoilt(add.Worker, add.Step, add.Node, "not the vector whose hash it told", add.Sum);
        _arrived = Arithmetic.Add(add.Node, add.LeafHashes, _arrived) ?? new float[Arithmetic.Layout.Length];
        return new RunInput.NodeAdded(add.Worker, add.Step, add.Node, add.Sum);
    }

    public RunInput.Updated Update(int step, double norm)
    {
        if (!channel.Withdraw(request.RunId, store.Attempt))
            Arithmetic.State.LeaveMemory();
        var update = Arithmetic.Update(norm);
        Publish();
        channel.ForgetBefore(request.RunId, store.Attempt, step + 1);
        return new RunInput.Updated(step, update.Scalars.LearningRate);
    }

    public RunInput PublishResult(RunEffect.PublishResult publish)
    {
        if ((publish.Best is { } best ? store.Best.Read(best) : Arithmetic.State.Result) is not { } adapter)
            return new RunInput.Broke(EndReason.StorageFailed, $"{publish.Best!.File}: damaged");
        channel.Publish(request.RunId, store.Attempt, publish.Number, Arithmetic.Layout.Hash, adapter.Span);
        return new RunInput.ResultPublished(publish.Number);
    }

    private bool Taken(VectorAddress address) =>
        channel.TakeAsync(address, Arithmetic.Layout.Hash, _arrived, CancellationToken.None).GetAwaiter().GetResult();

    private void Publish() =>
        channel.PublishInPlace(request.RunId, store.Attempt, Arithmetic.State.Version, Arithmetic.Layout.Hash, Arithmetic.State.Memory);
}
