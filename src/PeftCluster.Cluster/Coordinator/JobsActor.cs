using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using PeftCluster.Cluster.Wire;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// Knows the workers and the jobs: a shell over the <see cref="Job"/> machine. One job runs at a time, with all workers that it may use; others
/// wait in the order of their submission (a fair queue takes this place in a cluster).
/// </summary>
internal sealed class JobsActor : ReceiveActor
{
    private readonly RunPlace _place;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly WorkerBook _workers;
    private readonly Queue<JobsProtocol.Submit> _waiting = [];
    private Running? _running;

    public JobsActor(RunPlace place)
    {
        (_place, _time, _workers) = (place, place.Time, new WorkerBook(place.Admission));
        Receive<Offer>(Offered);
        Receive<Terminated>(Gone);
        Receive<JobsProtocol.DeviceGone>(DeviceGone);
        Receive<JobsProtocol.AskWorkers>(_ => Sender.Tell(new JobsProtocol.WorkersTold(_workers.Statuses(
            device => _running is { } running && running.Workers.Contains(device) ? running.Submit.Request.RunId : null))));
        Receive<JobsProtocol.Submit>(submit =>
        {
            _waiting.Enqueue(submit);
            StartNext();
        });
        Receive<JobsProtocol.Pause>(pause => Command(pause.RunId, new PauseJob(), new JobsProtocol.PauseRun()));
        Receive<JobsProtocol.Cancel>(cancel => Command(cancel.RunId, new CancelJob("cancelled by the user"), new JobsProtocol.CancelRun()));
        Receive<JobsProtocol.Running>(running => Decide(new ReportRunning(running.Attempt)));
        Receive<JobsProtocol.Over>(Over);
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Offered(Offer offer)
    {
        var answer = _workers.Take(offer, Sender);
        if (answer.Refused is { } reason)
        {
            Sender.Tell(new OfferRefused(offer.Device, reason));
            return;
        }
        if (answer.Replaced is { } dead)
        {
            Context.Unwatch(dead);
            Lose(offer.Device, "its process was started anew");
        }
        Context.Watch(Sender);
        Sender.Tell(new Accepted(offer.Device, _place.Endpoint));
        if (answer.IsNew && _running is { } running && running.Workers.Count < running.MostWorkers)
        {
            _running = running with { Workers = running.Workers.Add(offer.Device) };
            running.Run.Tell(new JobsProtocol.HereIs(offer.Device, Sender));
        }
    }

    private void DeviceGone(JobsProtocol.DeviceGone gone)
    {
        if (!_workers.Remove(gone.Device, out var actor))
            return;
        Context.Unwatch(actor);
        Lose(gone.Device, "its connection has ended");
    }

    private void Lose(string device, string cause)
    {
        if (_running is not { } running || !running.Workers.Contains(device))
            return;
        _running = running with { Workers = running.Workers.Remove(device) };
        running.Run.Tell(new JobsProtocol.Gone(device, cause));
    }

    private void Gone(Terminated gone)
    {
        if (_workers.Remove(gone.ActorRef, out var device))
            Lose(device, "its process or actor has ended");
        if (_running is { } running && running.Run.Equals(gone.ActorRef))
        {
            // The run's own end comes before this; without it the actor has failed.
            running.Submit.Store.Dispose();
            running.Submit.Watcher.TryWrite(new RunEnded(JobPhase.Failed, "the run's actor ended without a word; the log has the cause", 0, null, null, null)
            {
                End = EndReason.InternalError,
            });
            running.Submit.Watcher.TryComplete();
            _running = null;
            StartNext();
        }
    }

    private void StartNext()
    {
        if (_running is not null || !_waiting.TryDequeue(out var submit))
            return;
        var job = Job.From(new JobSubmitted(JobId.Parse(submit.Request.RunId), _time.GetUtcNow())) with { Attempt = submit.Store.Attempt - 1 };
        var most = submit.Request.Job.Resources.Workers?.Max ?? int.MaxValue;
        JobsProtocol.HereIs[] workers = [.. _workers.Admitted.Take(most)];
        var run = Context.ActorOf(Props.Create(() => new RunActor(submit.Request, submit.Store, _place, workers, submit.Watcher)));
        Context.Watch(run);
        _running = new Running(submit, job, run, [.. workers.Select(worker => worker.Worker)], most);
        Decide(new StartJob());
    }

    private void Command(string runId, JobCommand command, object toRun)
    {
        if (_running is not { } running || running.Submit.Request.RunId != runId)
            return;
        if (Decide(command))
            running.Run.Tell(toRun);
    }

    private void Over(JobsProtocol.Over over)
    {
        if (_running is not { } running || !Sender.Equals(running.Run))
            return;
        Decide(over.Ended.End is { } reason
            ? new ReportEnded(over.Attempt, reason, over.Ended.Reason)
            : new ReportPaused(over.Attempt, over.Ended.Steps));
        _log.Info("run {0}, attempt {1}: {2}: {3}", running.Submit.Request.RunId, over.Attempt, over.Ended.Phase, over.Ended.Reason);
        Context.Unwatch(running.Run);
        _running = null;
        StartNext();
    }

    private bool Decide(JobCommand command)
    {
        if (_running is not { } running)
            return false;
        switch (running.Job.Decide(command, _time.GetUtcNow()))
        {
            case Jobs.Lifecycle.Decision.Accepted accepted:
                _running = running with { Job = accepted.Events.Aggregate(running.Job, (job, happened) => job.Apply(happened)) };
                return true;
            case Jobs.Lifecycle.Decision.Refused refused:
                _log.Debug("{0}: {1}", command.GetType().Name, refused.Reason);
                return false;
            default:
                return false;
        }
    }

    private sealed record Running(JobsProtocol.Submit Submit, Job Job, IActorRef Run, ImmutableHashSet<string> Workers, int MostWorkers);
}
