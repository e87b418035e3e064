namespace PeftCluster.Jobs.Lifecycle;

/// <summary>The answer to a command: what now happens, or why nothing does.</summary>
public abstract record Decision
{
    private Decision() { }

    /// <summary>These events happen, in this order: store them, apply them, then answer.</summary>
    public sealed record Accepted(IReadOnlyList<JobEvent> Events) : Decision;

    /// <summary>Nothing happens.</summary>
    /// <param name="Reason">One line: what the job does now, and what can be done.</param>
    public sealed record Refused(string Reason) : Decision;

    internal static Decision Accept(params IReadOnlyList<JobEvent> events) => new Accepted(events);

    internal static Decision Refuse(string reason) => new Refused(reason);
}
