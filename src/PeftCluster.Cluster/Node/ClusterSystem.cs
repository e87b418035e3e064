using System.Globalization;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Actor.Setup;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Node;

/// <summary>
/// The actor system of a node, from its start to its leave. A node that cannot join says so in one line; one that the cluster has expelled (its
/// system ends by itself) says so too, since its supervisor must start it again.
/// </summary>
public sealed class ClusterSystem : IAsyncDisposable
{
    private static readonly TimeSpan _leave = TimeSpan.FromSeconds(10);

    // Whoever begins a cluster beside one that lives takes its nodes from their work until the split-brain resolver has decided, half a minute: so no hurry, where somebody listens.
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(10);

    private ClusterSystem(ActorSystem system)
    {
        Actors = system;
        Address = Of(Akka.Cluster.Cluster.Get(system).SelfAddress);
    }

    public ActorSystem Actors { get; }

    /// <summary>Host and port as others call them.</summary>
    public string Address { get; }

    /// <summary>Done when the system has ended, as asked or not.</summary>
    public Task Ended => Actors.WhenTerminated;

    /// <summary>Whether the cluster put this node out: it lost sight of the side that lives.</summary>
    public bool WasExpelled => IsExpelled(Actors);

    /// <summary>Starts it; done when the node is a member.</summary>
    /// <param name="settings">What it is.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <param name="inhabit">Puts actors into it that must be there before anybody can find it, and says where it joins; null: where its settings say.</param>
    /// <exception cref="BadInputException">The port is taken, the host is not this one's, or nobody lets it in.</exception>
    /// <exception cref="ExpelledException">The cluster put it out before it was a full member.</exception>
    public static async Task<ClusterSystem> StartAsync(SystemSettings settings, CancellationToken cancellation, Func<ActorSystem, Task<JoinPlan>>? inhabit = null)
    {
        var system = Create(settings);
        try
        {
            var plan = inhabit is null ? new JoinPlan(settings.Seeds, false) : await inhabit(system);
            await JoinAsync(system, plan, settings.Patience, cancellation);
            return new ClusterSystem(system);
        }
        catch
        {
            await system.Terminate();
            throw;
        }
    }

    /// <summary>Starts it without joining anything: for a question.</summary>
    public static ClusterSystem Alone(SystemSettings settings) => new(Create(settings));

    /// <summary>An address as users write it.</summary>
    public static string Of(Address address) => string.Create(CultureInfo.InvariantCulture, $"{address.Host}:{address.Port}");

    /// <summary>Leaves the cluster, ends the actors.</summary>
    public async ValueTask DisposeAsync()
    {
        Task leaving = CoordinatedShutdown.Get(Actors).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
        await leaving.WaitAsync(_leave).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static ActorSystem Create(SystemSettings settings)
    {
        try
        {
            return ActorSystem.Create(SystemSettings.Name, ActorSystemSetup.Create(
                [BootstrapSetup.Create().WithConfig(NodeConfiguration.Of(settings)), new SerilogSetup(settings.Logger), .. settings.Setups, .. Databases(settings)]));
        }
        catch (Exception refused) when (SocketErrorOf(refused) is { } error)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{settings.Host}:{settings.Port}");
            throw new BadInputException(error switch
            {
                SocketError.AddressAlreadyInUse => $"{place}: the port is taken by another process. Choose another one with --listen, or end that process.",
                SocketError.AddressNotAvailable or SocketError.HostNotFound => $"{place}: no address of this machine. Give one that it has with --listen, and what others call it with --advertise.",
                SocketError.AccessDenied => $"{place}: this user may not listen there. Choose a port above 1023 with --listen.",
                _ => $"{place}: cannot listen there ({error}). Choose another address with --listen.",
            }, refused);
        }
    }

    /// <summary>Joins as the plan says; where another way to join is under way, this one takes its place.</summary>
    internal static void Join(ActorSystem system, JoinPlan plan)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        var others = plan.Seeds.Select(seed => AddressOf(seed, cluster.SelfAddress)).Where(seed => seed != cluster.SelfAddress).Distinct().ToArray();
        if (others.Length == 0)
        {
            cluster.Join(cluster.SelfAddress);
            return;
        }
        cluster.JoinSeedNodes(others);
        if (plan.BeginsAlone)
            system.Scheduler.Advanced.ScheduleOnce(_silence, () => BeginAlone(cluster));
    }

    private static void BeginAlone(Akka.Cluster.Cluster cluster)
    {
        if (!cluster.IsTerminated && cluster.SelfMember.Status == Akka.Cluster.MemberStatus.Removed)
            cluster.Join(cluster.SelfAddress);
    }

    private static async Task JoinAsync(ActorSystem system, JoinPlan plan, TimeSpan patience, CancellationToken cancellation)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Akka.Cluster.Cluster.Get(system).RegisterOnMemberUp(() => up.TrySetResult());
        _ = system.WhenTerminated.ContinueWith(_ => up.TrySetCanceled(CancellationToken.None), TaskScheduler.Default);
        Join(system, plan);
        try
        {
            await up.Task.WaitAsync(patience, cancellation);
        }
        catch (OperationCanceledException ended) when (IsExpelled(system))
        {
            throw new ExpelledException(ended);
        }
        catch (Exception late) when (late is TimeoutException || (late is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"no cluster lets this node in at {string.Join(", ", plan.Seeds)} within {patience.TotalSeconds:0} s. Is a coordinator running there, with the same secret and certificates, and may this machine reach it? The log has more."), late);
        }
    }

    private static bool IsExpelled(ActorSystem system) => CoordinatedShutdown.Get(system).ShutdownReason is CoordinatedShutdown.ClusterDowningReason;

    private static Address AddressOf(string place, Address self) => HostPort.Parse(place, "--join") is var (host, port)
        ? new Address(self.Protocol, self.System, host, port)
        : self;

    private static IEnumerable<Setup> Databases(SystemSettings settings) => settings.Database is { } database ? [database.Setup()] : [];

    private static SocketError? SocketErrorOf(Exception thrown)
    {
        for (var cause = thrown; cause is not null; cause = cause is AggregateException { InnerExceptions: [var first, ..] } ? first : cause.InnerException)
            if (cause is SocketException socket)
                return socket.SocketErrorCode;
        return null;
    }
}

/// <summary>Where a node joins.</summary>
/// <param name="Seeds">Nodes of the cluster, <c>host:port</c>; none: the node begins one.</param>
/// <param name="BeginsAlone">Whether it begins a cluster when none of them answers.</param>
public sealed record JoinPlan(IReadOnlyList<string> Seeds, bool BeginsAlone);
