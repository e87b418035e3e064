namespace PeftCluster.Cluster.Wire;

/// <summary>Marks what may cross the network between actors. Akka binds <see cref="WireSerializer"/> to it.</summary>
public interface IWireMessage;

/// <summary>
/// A message between a run and a worker. What does not match the receiver's job, attempt and step is dropped: a late
/// answer to a question of an older attempt means nothing.
/// </summary>
public interface IRunMessage : IWireMessage
{
    /// <summary>The run's id.</summary>
    string Job { get; }

    int Attempt { get; }

    /// <summary>The step, or the version of the adapter that the message is about.</summary>
    int Step { get; }
}
