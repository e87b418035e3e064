using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;
using PeftCluster.Cluster.Faults;

namespace PeftCluster.Cluster.Wire;

/// <summary>
/// The one serializer of what crosses the network. The receiver decides by manifest which type it reads: no type
/// name is on the wire, and what is unknown is refused.
/// </summary>
public sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private readonly IFaultPoints _faults = system.Settings.Setup.Get<FaultSetup>() is { HasValue: true } planted ? planted.Value.Faults : NoFaults.Instance;

    /// <summary>Ours for ever; low numbers are Akka's.</summary>
    public override int Identifier => 1001;

    public override string Manifest(object o) => ManifestOf(o);

    public override byte[] ToBinary(object obj)
    {
        var manifest = ManifestOf(obj);
        var bytes = WirePayload.Pack(JsonSerializer.SerializeToUtf8Bytes(obj, WireManifests.Json(manifest)!));
        return _faults.Pass(FaultPoint.MessageBytes, of: manifest).Any(fault => fault.Action == FaultAction.Truncate) ? bytes[..(bytes.Length / 2)] : bytes;
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var type = WireManifests.Json(manifest) ?? throw new SerializationException($"unknown manifest \"{manifest}\": the sender is of another version");
        try
        {
            return JsonSerializer.Deserialize(WirePayload.Open(bytes), type) ?? throw new SerializationException($"an empty message with manifest \"{manifest}\"");
        }
        catch (JsonException damaged)
        {
            throw new SerializationException($"a damaged message with manifest \"{manifest}\" is refused", damaged);
        }
    }

    private static string ManifestOf(object message) =>
        WireManifests.Of(message.GetType()) ?? throw new SerializationException($"{message.GetType()} may not cross the network: it has no manifest");
}
