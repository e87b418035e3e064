using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Jobs.Lifecycle;

namespace PeftCluster.Cluster.Wire;

/// <summary>
/// The name of every message on the wire. Append only: a name is never changed and never used again; a message whose
/// meaning changes gets a new record and a new name beside the old one.
/// </summary>
public static class WireManifests
{
    private static readonly (string Manifest, JsonTypeInfo Type)[] _all =
    [
        ("offer.1", WireJson.Default.Offer),
        ("accepted.1", WireJson.Default.Accepted),
        ("offer-refused.1", WireJson.Default.OfferRefused),
        ("assign.1", WireJson.Default.Assign),
        ("ready.1", WireJson.Default.Ready),
        ("assign-refused.1", WireJson.Default.AssignRefused),
        ("initialise.1", WireJson.Default.Initialise),
        ("initialised.1", WireJson.Default.Initialised),
        ("step.1", WireJson.Default.StepWork),
        ("leaf-done.1", WireJson.Default.LeafDone),
        ("sum.1", WireJson.Default.NodeSum),
        ("evaluate.1", WireJson.Default.Evaluate),
        ("evaluated.1", WireJson.Default.Evaluated),
        ("export.1", WireJson.Default.Export),
        ("exported.1", WireJson.Default.Exported),
        ("failed.1", WireJson.Default.Failed),
        ("leaving.1", WireJson.Default.Leaving),
        ("release.1", WireJson.Default.Release),
        ("released.1", WireJson.Default.Released),
        ("ask-status.1", WireJson.Default.AskStatus),
        ("status.1", WireJson.Default.StatusTold),
        ("ask-coordinator.1", WireJson.Default.AskCoordinator),
        ("coordinator-here.1", WireJson.Default.CoordinatorHere),
        ("submit-job.1", WireJson.Default.SubmitJob),
        ("job-taken.1", WireJson.Default.JobTaken),
        ("job-refused.1", WireJson.Default.JobRefused),
        ("follow-job.1", WireJson.Default.FollowJob),
        ("follow-noted.1", WireJson.Default.FollowNoted),
        ("job-happened.1", WireJson.Default.JobHappened),
        ("decide-job.1", WireJson.Default.DecideJob),
        ("decided.1", WireJson.Default.Decided),
        ("decision-refused.1", WireJson.Default.DecisionRefused),
        ("list-jobs.1", WireJson.Default.ListJobs),
        ("jobs-listed.1", WireJson.Default.JobsListed),
        ("ask-lease.1", WireJson.Default.AskLease),
        ("lease.1", WireJson.Default.LeaseTold),
    ];

    private static readonly Dictionary<Type, string> _byType = _all.ToDictionary(one => one.Type.Type, one => one.Manifest);

    private static readonly Dictionary<string, JsonTypeInfo> _byManifest = _all.ToDictionary(one => one.Manifest, one => one.Type);

    /// <summary>Every manifest with its type, in the order in which they came to be.</summary>
    public static IEnumerable<(string Manifest, Type Type)> All => _all.Select(one => (one.Manifest, one.Type.Type));

    /// <summary>The manifest of a message's type, or null for a type that may not cross the network.</summary>
    public static string? Of(Type type) => _byType.GetValueOrDefault(type);

    internal static JsonTypeInfo? Json(string manifest) => _byManifest.GetValueOrDefault(manifest);
}

/// <summary>Source-generated JSON of every message. Losses may be NaN, so the named literals are allowed.</summary>
[JsonSourceGenerationOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip, Converters = [typeof(SourceDescriptionConverter), typeof(JsonStringEnumConverter<JobPhase>)])]
[JsonSerializable(typeof(Offer))]
[JsonSerializable(typeof(Accepted))]
[JsonSerializable(typeof(OfferRefused))]
[JsonSerializable(typeof(Assign))]
[JsonSerializable(typeof(Ready))]
[JsonSerializable(typeof(AssignRefused))]
[JsonSerializable(typeof(Initialise))]
[JsonSerializable(typeof(Initialised))]
[JsonSerializable(typeof(StepWork))]
[JsonSerializable(typeof(LeafDone))]
[JsonSerializable(typeof(NodeSum))]
[JsonSerializable(typeof(Evaluate))]
[JsonSerializable(typeof(Evaluated))]
[JsonSerializable(typeof(Export))]
[JsonSerializable(typeof(Exported))]
[JsonSerializable(typeof(Failed))]
[JsonSerializable(typeof(Leaving))]
[JsonSerializable(typeof(Release))]
[JsonSerializable(typeof(Released))]
[JsonSerializable(typeof(AskStatus))]
[JsonSerializable(typeof(StatusTold))]
[JsonSerializable(typeof(AskCoordinator))]
[JsonSerializable(typeof(CoordinatorHere))]
[JsonSerializable(typeof(SubmitJob))]
[JsonSerializable(typeof(JobTaken))]
[JsonSerializable(typeof(JobRefused))]
[JsonSerializable(typeof(FollowJob))]
[JsonSerializable(typeof(FollowNoted))]
[JsonSerializable(typeof(JobHappened))]
[JsonSerializable(typeof(RunEvent[]))]
[JsonSerializable(typeof(DecideJob))]
[JsonSerializable(typeof(Decided))]
[JsonSerializable(typeof(DecisionRefused))]
[JsonSerializable(typeof(ListJobs))]
[JsonSerializable(typeof(JobsListed))]
[JsonSerializable(typeof(AskLease))]
[JsonSerializable(typeof(LeaseTold))]
internal sealed partial class WireJson : JsonSerializerContext;
