using System.Text.Json;
using System.Text.Json.Serialization;
using PeftCluster.Cluster.Coordinator;

namespace PeftCluster.Cluster.Persistence;

/// <summary>run.json: whose run lies in a folder, and from where each attempt went on.</summary>
/// <param name="Run">The run's id.</param>
/// <param name="JobDigest">What tells one job from another.</param>
/// <param name="DataKey">The input key of the prepared data.</param>
/// <param name="Job">The job with every default, as YAML.</param>
/// <param name="Attempts">Attempts that have begun, in order.</param>
public sealed record RunManifest(string Run, string JobDigest, string DataKey, string Job, IReadOnlyList<AttemptStart> Attempts)
{
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, RunJson.Default.RunManifest);

    /// <exception cref="JsonException">The bytes are no manifest.</exception>
    public static RunManifest Of(Stream stream) =>
        JsonSerializer.Deserialize(stream, RunJson.Default.RunManifest) ?? throw new JsonException("empty");
}

/// <summary>Where an attempt began. Bytes of older journals after this version are void.</summary>
/// <param name="Attempt">The attempt's number, which is its journal's.</param>
/// <param name="Version">The version that it began with.</param>
/// <param name="Chain">The journal chain's hash at that version.</param>
public sealed record AttemptStart(int Attempt, int Version, string Chain);

/// <summary>run.owner.json: who holds the lock, for the line that a second run reads.</summary>
public sealed record RunOwner(int Process, DateTimeOffset Started)
{
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, RunJson.Default.RunOwner);

    /// <exception cref="JsonException">The bytes say nothing of an owner.</exception>
    public static RunOwner Of(Stream stream) =>
        JsonSerializer.Deserialize(stream, RunJson.Default.RunOwner) ?? throw new JsonException("empty");
}

// A measured loss may be no number.
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RunManifest))]
[JsonSerializable(typeof(RunOwner))]
[JsonSerializable(typeof(Measured))]
[JsonSerializable(typeof(BestVersion))]
[JsonSerializable(typeof(EarlyStop))]
internal sealed partial class RunJson : JsonSerializerContext;
