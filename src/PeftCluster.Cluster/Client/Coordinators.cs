using System.Globalization;
using Akka.Actor;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Client;

/// <summary>
/// Says something to every coordinator that is known now: after a restart it is another process at the same address, and where there are two,
/// the one that holds the job answers.
/// </summary>
internal sealed class Coordinators(ActorSystem system, RemoteOptions options)
{
    public void Tell(IWireMessage message, IActorRef from)
    {
        foreach (var coordinator in All())
            coordinator.Tell(message, from);
    }

    /// <summary>Asks until one answers.</summary>
    /// <exception cref="InvalidOperationException">Nobody has answered in <see cref="RemoteOptions.Answer"/>; the line says who was asked.</exception>
    public async Task<TAnswer> AskAsync<TAnswer>(IWireMessage question, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(options.Answer, options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        while (!patience.IsCancellationRequested)
        {
            var round = Task.Delay(options.Remind, options.Time, both.Token);
            var asked = All().Select(coordinator => (Task)coordinator.Ask<TAnswer>(question, options.Remind, both.Token)).Append(round).ToList();
            while (asked.Count > 0)
            {
                var first = await Task.WhenAny(asked);
                if (first is Task<TAnswer> { IsCompletedSuccessfully: true } answered)
                    return await answered;
                asked.Remove(first);
            }
            cancellation.ThrowIfCancellationRequested();
        }
        throw new InvalidOperationException(Silent(options.Answer));
    }

    /// <summary>The line for a wait that has ended.</summary>
    public string Silent(TimeSpan waited)
    {
        var known = options.Coordinators(system);
        var who = known.Count == 0 ? "no member of the cluster has the role coordinator" : $"asked {string.Join(", ", known.Select(address => string.Create(CultureInfo.InvariantCulture, $"{address.Host}:{address.Port}")))}";
        return $"no coordinator has answered for {waited.TotalSeconds:0} s: {who}. See that it runs, and that this machine reaches it.";
    }

    private IEnumerable<ActorSelection> All() =>
        options.Coordinators(system).Select(address => system.ActorSelection(new RootActorPath(address) / "user" / "jobs"));
}
