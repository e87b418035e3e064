namespace PeftCluster.Cluster.Faults;

/// <summary>
/// The one seam through which planted faults strike. The product passes its points; what strikes there is decided by a plan, and in any
/// process that nobody means to harm there is none.
/// </summary>
public interface IFaultPoints
{
    /// <summary>Whether anything is planted at all: where not, nothing is put between the parts of a node.</summary>
    bool IsPlanted { get; }

    /// <summary>
    /// Passes a point. Faults of the whole process (kill, stop, note) have struck when this returns; the others are the answer, and the caller
    /// does them.
    /// </summary>
    /// <param name="point">The point's name.</param>
    /// <param name="number">The number of the pass, as <see cref="FaultPoint"/> says for each.</param>
    /// <param name="of">The name of the file or message.</param>
    IReadOnlyList<Fault> Pass(string point, int number = 0, string of = "");

    /// <summary>A number from 0 to below the limit, drawn from the plan's seed.</summary>
    int Draw(int limit);

    /// <summary>Waits until whoever planted a <see cref="FaultAction.Hold"/> says go on, or its time is over.</summary>
    Task HoldAsync(Fault fault, CancellationToken cancellation);
}

/// <summary>Nothing is planted.</summary>
public sealed class NoFaults : IFaultPoints
{
    public static NoFaults Instance { get; } = new();

    private NoFaults()
    {
    }

    public bool IsPlanted => false;

    public IReadOnlyList<Fault> Pass(string point, int number = 0, string of = "") => [];

    public int Draw(int limit) => 0;

    public Task HoldAsync(Fault fault, CancellationToken cancellation) => Task.CompletedTask;
}
