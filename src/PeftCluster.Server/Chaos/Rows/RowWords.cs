using PeftCluster.Cluster.Faults;

namespace PeftCluster.Server.Chaos.Rows;

/// <summary>Short words with which the built-in rows are written.</summary>
internal static class RowWords
{
    /// <summary>Which bytes a fault strikes.</summary>
    public const string InSocket = FaultPoint.Socket, InSharedMemory = FaultPoint.SharedMemory;

    /// <summary>A node whose vectors go over TCP; otherwise they go through shared memory, as between all nodes of one host.</summary>
    public static Fault OverTcp { get; } = new(FaultPoint.NodeStarting, FaultAction.OverTcp);

    /// <summary>Faults planted in one process.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Fault>> In(string process, params IReadOnlyList<Fault> faults) =>
        new Dictionary<string, IReadOnlyList<Fault>> { [process] = faults };

    /// <summary>Faults planted in two.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Fault>> And(
        this IReadOnlyDictionary<string, IReadOnlyList<Fault>> planted, string process, params IReadOnlyList<Fault> faults) =>
        new Dictionary<string, IReadOnlyList<Fault>>(planted) { [process] = faults };

    public static Fault Kill(string point, int? at = null) => new(point, FaultAction.Kill, at);

    public static Fault Note(string point, int? at = null) => new(point, FaultAction.Note, at);

    public static Fault Hold(string point, int? at = null, string of = "", double seconds = 40) => new(point, FaultAction.Hold, at, of, Amount: seconds);
}
