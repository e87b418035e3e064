using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace PeftCluster.Cluster.Wire;

/// <summary>
/// Stands where Akka's JSON serializer stood. That one writes the sender's type name and builds whatever type a peer
/// names; this one refuses, both ways. (Akka wants the constructor with two arguments.)
/// </summary>
public sealed class RefusingSerializer : Serializer
{
    public RefusingSerializer(ExtendedActorSystem system, Config config) : base(system) => _ = config;

    public override int Identifier => 1000;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj) =>
        throw new SerializationException($"{obj.GetType()} may not cross the network: it is no wire message");

    public override object FromBinary(byte[] bytes, Type type) =>
        throw new SerializationException("refused: the message was written by a serializer that is not ours");
}
