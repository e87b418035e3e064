using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Serialization;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Queue;

/// <summary>
/// How facts lie in the job database: JSON under a manifest of ours, no type name. Append only: a manifest is never changed and never used again,
/// since databases outlive builds.
/// </summary>
internal sealed class JobFactSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly Kind[] _kinds =
    [
        Fact("submission.1", FactJson.Default.SubmissionTaken),
        Fact("run-stood.1", FactJson.Default.RunStood),
        Move("attempt-started.1", FactJson.Default.StoredMoveAttemptStarted),
        Move("job-running.1", FactJson.Default.StoredMoveJobRunning),
        Move("pause-requested.1", FactJson.Default.StoredMovePauseRequested),
        Move("job-paused.1", FactJson.Default.StoredMoveJobPaused),
        Move("job-requeued.1", FactJson.Default.StoredMoveJobRequeued),
        Move("cancel-requested.1", FactJson.Default.StoredMoveCancelRequested),
        Move("job-ended.1", FactJson.Default.StoredMoveJobEnded),
    ];

    /// <summary>Every manifest with what it holds, in the order in which they came to be.</summary>
    public static IEnumerable<(string Manifest, Type Type)> All => _kinds.Select(kind => (kind.Manifest, kind.Type));

    /// <summary>Ours for ever; 1001 is the wire's.</summary>
    public override int Identifier => 1002;

    public override string Manifest(object o) => KindOf(o).Manifest;

    public override byte[] ToBinary(object obj) => KindOf(obj).Write((JobFact)obj);

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var kind = _kinds.FirstOrDefault(kind => kind.Manifest == manifest)
            ?? throw new SerializationException($"the job database holds \"{manifest}\", which this build does not know: a newer one has written it");
        try
        {
            return kind.Read(bytes);
        }
        catch (JsonException damaged)
        {
            throw new SerializationException($"the job database holds a damaged \"{manifest}\"", damaged);
        }
    }

    private static Kind KindOf(object fact)
    {
        var type = fact is JobMoved moved ? moved.Event.GetType() : fact.GetType();
        return _kinds.FirstOrDefault(kind => kind.Type == type) ?? throw new SerializationException($"{type} may not be stored: it has no manifest");
    }

    private static Kind Fact<TFact>(string manifest, JsonTypeInfo<TFact> json) where TFact : JobFact => new(manifest, typeof(TFact),
        fact => JsonSerializer.SerializeToUtf8Bytes((TFact)fact, json),
        bytes => JsonSerializer.Deserialize(bytes, json) ?? throw new JsonException("empty"));

    private static Kind Move<TEvent>(string manifest, JsonTypeInfo<StoredMove<TEvent>> json) where TEvent : JobEvent => new(manifest, typeof(TEvent),
        fact => JsonSerializer.SerializeToUtf8Bytes(new StoredMove<TEvent>(fact.RunId, ((JobMoved)fact).Attempt, (TEvent)((JobMoved)fact).Event), json),
        bytes => JsonSerializer.Deserialize(bytes, json) is { } move ? new JobMoved(move.RunId, move.Attempt, move.Event) : throw new JsonException("empty"));

    private sealed record Kind(string Manifest, Type Type, Func<JobFact, byte[]> Write, Func<byte[], JobFact> Read);
}

/// <summary>An event of the job's machine as it is stored.</summary>
internal sealed record StoredMove<TEvent>(string RunId, int Attempt, TEvent Event) where TEvent : JobEvent;

[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip, Converters = [typeof(JsonStringEnumConverter<JobPhase>)])]
[JsonSerializable(typeof(SubmissionTaken))]
[JsonSerializable(typeof(RunStood))]
[JsonSerializable(typeof(StoredMove<AttemptStarted>))]
[JsonSerializable(typeof(StoredMove<JobRunning>))]
[JsonSerializable(typeof(StoredMove<PauseRequested>))]
[JsonSerializable(typeof(StoredMove<JobPaused>))]
[JsonSerializable(typeof(StoredMove<JobRequeued>))]
[JsonSerializable(typeof(StoredMove<CancelRequested>))]
[JsonSerializable(typeof(StoredMove<JobEnded>))]
internal sealed partial class FactJson : JsonSerializerContext;
