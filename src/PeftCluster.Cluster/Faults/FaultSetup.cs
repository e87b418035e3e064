using Akka.Actor.Setup;

namespace PeftCluster.Cluster.Faults;

/// <summary>Brings planted faults to where Akka makes the objects itself: the serializer.</summary>
public sealed class FaultSetup(IFaultPoints faults) : Setup
{
    public IFaultPoints Faults => faults;
}
