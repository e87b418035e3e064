using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Transport;
using PeftCluster.Benchmarks.AllReduce;

namespace PeftCluster.Benchmarks.Heartbeats;

/// <summary>
/// <c>heartbeats</c>: a coordinator's and a worker's node, each a process, with the failure detector that nodes have, while vectors go both ways between them as fast as they
/// can. Vectors must not starve heartbeats: no node may become unreachable.
/// </summary>
internal static class HeartbeatsCommand
{
    public const string Verb = "heartbeats-worker";

    public static Command Create()
    {
        var seconds = new Option<int>("--seconds") { Description = "For how long.", DefaultValueFactory = _ => 60 };
        var floats = Reading.Numbers("--floats", "Floats of the vector.", 16 << 20);
        var json = Reading.Json();
        var command = new Command("heartbeats", "Vectors for a minute, and an Akka cluster that must not mind.") { seconds, floats, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var result = await MeasureAsync(parsed.GetValue(seconds), parsed.GetRequiredValue(floats)[0], cancellation);
            Console.WriteLine(parsed.GetValue(json)
                ? Reading.JsonOf(new { Machine.Here, result.Seconds, result.Transfers, result.GigabytesPerSecond, result.Unreachable, Holds = result.Unreachable == 0 })
                : string.Create(CultureInfo.InvariantCulture, $"{result.Transfers} transfers in {result.Seconds} s, {result.GigabytesPerSecond:0.00} GB/s, {result.Unreachable} unreachable events"));
            return result.Unreachable == 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>The worker's process: joins, then hands over and fetches until it is told to stop.</summary>
    public static async Task<int> RunWorkerAsync(string[] arguments)
    {
        var floats = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        await using var node = await ClusterSystem.StartAsync(
            new SystemSettings { Roles = [NodeRoles.Worker], Seeds = [arguments[0]], Files = [NodeRoles.Worker] }, CancellationToken.None);
        var watching = new Watching(node.Actors);
        await using var links = new SocketLinks(new SocketLinkOptions());
        var vectors = links.To(arguments[1]).Vectors;
        var vector = new float[floats];
        // On a thread of its own: the console reads synchronously, whatever the method is called.
        var stop = Task.Run(Console.In.ReadLine);
        for (var step = 1; !stop.IsCompleted; step++)
        {
            await vectors.HandOverAsync(new VectorAddress(WorkerLoop.Job, 1, step, new(0, 0), "cpu:0"), WorkerLoop.Layout, vector, CancellationToken.None);
            await vectors.FetchAsync(WorkerLoop.Job, 1, 0, WorkerLoop.Layout, vector, CancellationToken.None);
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step} {watching.Unreachable}"));
            Console.Out.Flush();
        }
        return 0;
    }

    private static async Task<Outcome> MeasureAsync(int seconds, int floats, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("peft-bench-").FullName;
        try
        {
            await using var node = await ClusterSystem.StartAsync(
                new SystemSettings { Roles = [NodeRoles.Coordinator], Files = [NodeRoles.Coordinator] }, cancellation);
            var watching = new Watching(node.Actors);
            await using var endpoint = await ByteEndpoint.ListenAsync(new ByteEndpointOptions { Content = new ContentFolder(folder) }, cancellation);
            endpoint.Vectors.Publish(WorkerLoop.Job, 1, 0, WorkerLoop.Layout, new float[floats]);
            await using var worker = new ChildProcess(Verb, node.Address, endpoint.Address, floats.ToString(CultureInfo.InvariantCulture));
            var (transfers, theirs, started) = (0, 0, 0L);
            while (started == 0 || Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
            {
                var heard = (await worker.HearAsync(cancellation)).Split(' ');
                // The run would take it and add it.
                endpoint.Vectors.ForgetBefore(WorkerLoop.Job, 1, int.Parse(heard[0], CultureInfo.InvariantCulture) + 1);
                (transfers, theirs) = (transfers + (started == 0 ? 0 : 2), int.Parse(heard[1], CultureInfo.InvariantCulture));
                started = started == 0 ? Stopwatch.GetTimestamp() : started;
            }
            var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var unreachable = watching.Unreachable + theirs;
            worker.Tell("stop");
            return new Outcome(seconds, transfers, transfers * (double)floats * sizeof(float) / took / 1e9, unreachable);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed record Outcome(int Seconds, int Transfers, double GigabytesPerSecond, int Unreachable);

    /// <summary>Counts how often a node of the cluster counted as unreachable.</summary>
    private sealed class Watching
    {
        private int _unreachable;

        public Watching(ActorSystem system) => system.ActorOf(Props.Create(() => new Listener(this)));

        public int Unreachable => Volatile.Read(ref _unreachable);

        private sealed class Listener : ReceiveActor
        {
            public Listener(Watching watching)
            {
                Akka.Cluster.Cluster.Get(Context.System).Subscribe(
                    Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, [typeof(ClusterEvent.UnreachableMember)]);
                Receive<ClusterEvent.UnreachableMember>(_ => Interlocked.Increment(ref watching._unreachable));
            }
        }
    }
}
