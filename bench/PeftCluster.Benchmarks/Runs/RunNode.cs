using System.Globalization;
using PeftCluster.Cluster.Node;
using PeftCluster.Cluster.Queue;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Benchmarks.Runs;

/// <summary>
/// A node of a benchmark's cluster as a process: the product's node with its own settings, journal and byte channel; only the device is made up. It says
/// where it is, and ends with its input.
/// </summary>
internal static class RunNode
{
    public const string Verb = "run-node";

    /// <summary>The words that start a coordinator.</summary>
    public static string[] Coordinator(string state) => [Verb, "coordinator", state];

    /// <summary>The words that start a worker.</summary>
    /// <param name="join">The coordinator's place.</param>
    /// <param name="floats">Floats of its vectors.</param>
    /// <param name="milliseconds">How long a gradient takes; 0: the made-up arithmetic is computed.</param>
    public static string[] Worker(string join, int floats, int milliseconds) =>
        [Verb, "worker", join, floats.ToString(CultureInfo.InvariantCulture), milliseconds.ToString(CultureInfo.InvariantCulture)];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var settings = new NodeSettings { System = System(arguments[0]), Build = "benchmark" };
        settings = arguments is ["worker", var join, var floats, var milliseconds]
            ? settings with { System = settings.System with { Seeds = [join] }, Devices = [Device(int.Parse(floats, CultureInfo.InvariantCulture), int.Parse(milliseconds, CultureInfo.InvariantCulture))] }
            : settings with { Coordinator = new CoordinatorSettings { StateFolder = arguments[1], Catalog = new ArithmeticCatalog() } };
        await using var node = await ClusterNode.StartAsync(settings, CancellationToken.None);
        Console.Out.WriteLine(node.Address);
        Console.Out.Flush();
        // On a thread of its own: the console reads synchronously, whatever the method is called.
        while (await Task.Run(Console.In.ReadLine) == MemoryFacts.Question)
        {
            Console.Out.WriteLine(MemoryFacts.Line());
            Console.Out.Flush();
        }
        return 0;
    }

    /// <summary>A node's settings by role, as the product has them.</summary>
    public static SystemSettings System(string role) => new() { Roles = [role], Files = [role] };

    private static IStepSourceFactory Device(int floats, int milliseconds) => milliseconds > 0
        ? new SleepingDevice(floats, milliseconds)
        : new ArithmeticSourceFactory("cpu:0", new ArithmeticShape { SliceLengths = [floats] });
}
