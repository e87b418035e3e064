using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Worker;

/// <summary>What happens to a worker.</summary>
public abstract record WorkerInput
{
    /// <summary>A run says something.</summary>
    public sealed record Said(IRunMessage Message) : WorkerInput;

    /// <summary>The item in hand has ended.</summary>
    public sealed record Ended(WorkItem Item, WorkOutcome Outcome) : WorkerInput;

    /// <summary>The run is gone without a word.</summary>
    public sealed record RunLost(AssignmentKey Key) : WorkerInput;
}

/// <summary>What a worker wants done.</summary>
public abstract record WorkerEffect
{
    /// <summary>Begin an item; the device does one at a time.</summary>
    public sealed record Start(WorkItem Item) : WorkerEffect;

    /// <summary>Ask the item in hand to stop. It ends as dropped, at the next layer.</summary>
    public sealed record Stop : WorkerEffect;

    /// <summary>Send a message to the run that it names.</summary>
    public sealed record Answer(IRunMessage Message) : WorkerEffect;
}
