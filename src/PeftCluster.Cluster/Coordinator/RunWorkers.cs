using System.Diagnostics;
using Akka.Actor;
using PeftCluster.Cluster.Transport;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>The workers of one run as the actor system knows them: names to actors, effects to messages, messages to inputs.</summary>
internal sealed class RunWorkers(IActorContext context, RunRequest request, int attempt)
{
    private readonly Dictionary<string, IActorRef> _actors = [];
    private readonly Dictionary<IActorRef, string> _names = [];
    private readonly string _yaml = JobFile.Write(request.Job);

    public void Add(string worker, IActorRef actor)
    {
        if (_actors.ContainsKey(worker))
            return;
        if (request.Disturbance is { } disturbance)
            actor = context.ActorOf(Props.Create<DisturbedLink>(actor, worker, disturbance.Seed));
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

    public string? NameOf(IActorRef actor) => _names.GetValueOrDefault(actor);

    public bool IsOurs(IRunMessage message) => message.Job == request.RunId && message.Attempt == attempt;

    /// <summary>Sends what an effect asks of a worker.</summary>
    public void Send(RunEffect effect)
    {
        var (worker, message) = MessageOf(effect);
        if (_actors.TryGetValue(worker, out var actor))
            actor.Tell(message, context.Self);
    }

    public void AskExport(string worker, int version, string folder)
    {
        if (_actors.TryGetValue(worker, out var actor))
            actor.Tell(new Export(request.RunId, attempt, version, folder), context.Self);
    }

    /// <summary>What a worker's message means to the machine.</summary>
    public static RunInput InputOf(string worker, IRunMessage message) => message switch
    {
        AssignRefused refused => new RunInput.WorkerRefused(worker, refused.Reason, refused.IsBadInput),
        LeafDone leaf => new RunInput.LeafCame(worker, leaf.Step, leaf.Shard, new LeafReport(worker, leaf.Hash, leaf.Finite, leaf.Result, leaf.Milliseconds)),
        NodeSum sum => new RunInput.NodeCame(worker, sum.Step, sum.Node, sum.LeafHashes),
        Evaluated rows => new RunInput.BatchCame(worker, rows.Measurement, rows.Batch, rows.Rows, rows.Milliseconds),
        Failed failed => new RunInput.WorkerFailed(worker, failed.Step, failed.Task, failed.Number, failed.Cause),
        Leaving => new RunInput.WorkerLost(worker, "it leaves"),
        Released => new RunInput.WorkerReleased(worker),
        _ => throw new UnreachableException($"a worker does not send {message.GetType().Name}"),
    };

    private (string Worker, IRunMessage Message) MessageOf(RunEffect effect) => effect switch
    {
        RunEffect.AskReady ask => (ask.Worker, new Assign(request.RunId, attempt, 0, _yaml)),
        RunEffect.AskVersionZero ask => (ask.Worker, new Initialise(request.RunId, attempt, 0)),
        RunEffect.SendStep step => (step.Worker, new StepWork(
            request.RunId, attempt, step.Plan.Step, step.Plan.MicroBatches.Count, [.. step.Shards.Select(shard => step.Plan.MicroBatches[shard])],
            step.Plan.Denominator, step.Again)),
        RunEffect.SendBatch batch => (batch.Worker, new Evaluate(
            request.RunId, attempt, batch.Version, batch.Measurement, batch.Batch, batch.Rows, batch.Target.Shots, batch.Target.Adapter)),
        RunEffect.AskRelease ask => (ask.Worker, new Release(request.RunId, attempt, 0)),
        _ => throw new UnreachableException($"no message for {effect.GetType().Name}"),
    };
}
