using System.Collections.Immutable;
using Akka.Actor;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Queue;

/// <summary>The workers of a jobs actor, and which of them the run in hand has: whoever comes or goes while it runs, it is told.</summary>
/// <param name="context">The jobs actor's.</param>
/// <param name="place">Who is admitted, and where workers find vectors.</param>
internal sealed class Staff(IActorContext context, RunPlace place)
{
    private readonly WorkerBook _book = new(place.Admission);
    private ImmutableHashSet<string> _given = [];
    private readonly Dictionary<string, string> _notes = [];
    private IActorRef? _run;
    private int _most;

    public int Count => _book.Admitted.Count();

    /// <summary>The workers for a run that begins: the first so many by name.</summary>
    public IReadOnlyList<JobsProtocol.HereIs> Choose(int most) => [.. _book.Admitted.Take(most)];

    /// <summary>They work for this run now.</summary>
    public void Give(IActorRef run, IEnumerable<JobsProtocol.HereIs> workers, int most) =>
        (_run, _given, _most) = (run, [.. workers.Select(worker => worker.Worker)], most);

    /// <summary>The run is over.</summary>
    public void TakeBack()
    {
        (_run, _given) = (null, []);
        _notes.Clear();
    }

    /// <summary>The run in hand says something of a worker.</summary>
    public void Note(JobsProtocol.Noted noted) => _notes[noted.Worker] = noted.Text;

    /// <summary>A worker offers itself. True: it was not there before.</summary>
    public bool Offered(Offer offer)
    {
        var worker = context.Sender;
        var answer = _book.Take(offer, worker);
        if (answer.Refused is { } reason)
        {
            worker.Tell(new OfferRefused(offer.Device, reason));
            return false;
        }
        if (answer.Replaced is { } dead)
        {
            context.Unwatch(dead);
            Lose(offer.Device, "its process was started anew");
        }
        context.Watch(worker);
        worker.Tell(new Accepted(offer.Device, place.Endpoint));
        if (answer.IsNew && _run is { } run && _given.Count < _most)
        {
            _given = _given.Add(offer.Device);
            run.Tell(new JobsProtocol.HereIs(offer.Device, worker));
        }
        return answer.IsNew;
    }

    /// <summary>A device's connection has ended.</summary>
    public void Gone(JobsProtocol.DeviceGone gone)
    {
        if (!_book.Remove(gone.Device, out var actor))
            return;
        context.Unwatch(actor);
        Lose(gone.Device, "its connection has ended");
    }

    /// <summary>An actor has ended; perhaps a worker's.</summary>
    public void Gone(IActorRef actor)
    {
        if (_book.Remove(actor, out var device))
            Lose(device, "its process or actor has ended");
    }

    public JobsProtocol.WorkersTold Statuses(string? runId) => new(_book.Statuses(device => _given.Contains(device) ? runId : null, _notes.GetValueOrDefault));

    private void Lose(string device, string cause)
    {
        if (_run is not { } run || !_given.Contains(device))
            return;
        _given = _given.Remove(device);
        run.Tell(new JobsProtocol.Gone(device, cause));
    }
}
