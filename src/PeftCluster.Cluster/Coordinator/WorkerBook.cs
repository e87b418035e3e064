using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// The devices that were offered to a coordinator: who is admitted, who is not and why. Offers come again and again; a device that comes with
/// another actor is the same device in a new process, and the old one is dead though nobody has noticed yet.
/// </summary>
internal sealed class WorkerBook(Admission admission)
{
    private readonly SortedDictionary<string, (IActorRef Actor, Offer Offer)> _workers = new(DeviceOrder.Instance);
    private readonly SortedDictionary<string, (Offer Offer, string Reason)> _refused = new(DeviceOrder.Instance);

    /// <summary>Admitted devices, in the order of their names.</summary>
    public IEnumerable<JobsProtocol.HereIs> Admitted => _workers.Select(worker => new JobsProtocol.HereIs(worker.Key, worker.Value.Actor));

    /// <summary>Takes an offer.</summary>
    public OfferAnswer Take(Offer offer, IActorRef actor)
    {
        if (admission.Refusal(offer) is { } reason)
        {
            _refused[offer.Device] = (offer, reason);
            return new OfferAnswer(reason, IsNew: false, Replaced: null);
        }
        _refused.Remove(offer.Device);
        var known = _workers.TryGetValue(offer.Device, out var before);
        _workers[offer.Device] = (actor, offer);
        return new OfferAnswer(null, IsNew: !known || !before.Actor.Equals(actor), Replaced: known && !before.Actor.Equals(actor) ? before.Actor : null);
    }

    /// <summary>A device's actor has ended.</summary>
    /// <param name="actor">The actor.</param>
    /// <param name="device">The device, where the actor is still its.</param>
    public bool Remove(IActorRef actor, [NotNullWhen(true)] out string? device)
    {
        device = _workers.FirstOrDefault(worker => worker.Value.Actor.Equals(actor)).Key;
        return device is not null && _workers.Remove(device);
    }

    /// <summary>A device's connection has ended: its process is gone, or will offer it again.</summary>
    public bool Remove(string device, [NotNullWhen(true)] out IActorRef? actor)
    {
        actor = _workers.TryGetValue(device, out var worker) ? worker.Actor : null;
        return _workers.Remove(device);
    }

    /// <summary>What <c>peft cluster status</c> shows.</summary>
    /// <param name="work">The run that a device works for, or null.</param>
    /// <param name="note">What that run says of it, or null.</param>
    public IReadOnlyList<WorkerStatus> Statuses(Func<string, string?> work, Func<string, string?> note) =>
    [
        .. _workers.Values.Select(worker => StatusOf(worker.Offer, work(worker.Offer.Device), null, note(worker.Offer.Device))),
        .. _refused.Values.Select(one => StatusOf(one.Offer, null, one.Reason, null)),
    ];

    private static WorkerStatus StatusOf(Offer offer, string? work, string? refused, string? note) =>
        new(offer.Device, offer.NumericClass, offer.Node with { Proof = "" }, work, refused, note);
}

/// <summary>What became of an offer.</summary>
/// <param name="Refused">Why not; null when it was taken.</param>
/// <param name="IsNew">Whether the run in hand has to hear of it.</param>
/// <param name="Replaced">The actor of the device's earlier process, which is dead.</param>
internal sealed record OfferAnswer(string? Refused, bool IsNew, IActorRef? Replaced);
