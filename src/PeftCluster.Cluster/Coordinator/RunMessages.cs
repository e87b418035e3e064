using System.Diagnostics;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>Between a run's machine and the wire: effects become messages, messages become inputs. Both are pure.</summary>
/// <param name="request">The run.</param>
/// <param name="attempt">Its attempt.</param>
/// <param name="endpoint">Where its vectors and files are; empty within one process.</param>
internal sealed class RunMessages(RunRequest request, int attempt, string endpoint)
{
    private readonly string _yaml = JobFile.Write(request.Job);

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

    /// <summary>The message that does what an effect asks of a worker.</summary>
    public (string Worker, IRunMessage Message) Of(RunEffect effect) => effect switch
    {
        RunEffect.AskReady ask => (ask.Worker, new Assign(request.RunId, attempt, 0, _yaml, request.Data, endpoint)),
        RunEffect.AskVersionZero ask => (ask.Worker, new Initialise(request.RunId, attempt, 0)),
        RunEffect.SendStep step => (step.Worker, new StepWork(
            request.RunId, attempt, step.Plan.Step, step.Plan.MicroBatches.Count, [.. step.Shards.Select(shard => step.Plan.MicroBatches[shard])],
            step.Plan.Denominator, step.Again, step.Plan.Choices)),
        RunEffect.SendBatch batch => (batch.Worker, new Evaluate(
            request.RunId, attempt, batch.Version, batch.Measurement, batch.Batch, batch.Rows, batch.Target.Shots, batch.Target.Adapter)),
        RunEffect.AskExport ask => (ask.Worker, new Export(request.RunId, attempt, ask.Version)),
        RunEffect.AskRelease ask => (ask.Worker, new Release(request.RunId, attempt, 0)),
        _ => throw new UnreachableException($"no message for {effect.GetType().Name}"),
    };
}
