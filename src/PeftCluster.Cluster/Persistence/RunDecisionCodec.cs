using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using PeftCluster.Cluster.Coordinator;
using Decision = PeftCluster.Steps.Journal.Decision;

namespace PeftCluster.Cluster.Persistence;

/// <summary>A run's decisions as the journal holds them: a word and JSON. The words are in files: never change them.</summary>
internal static class RunDecisionCodec
{
    private const string Evaluation = "evaluation", Best = "best", EarlyStopped = "early_stop";

    public static IReadOnlyList<Decision> Encode(IEnumerable<RunDecision> decisions) => [.. decisions.Select(decision => decision switch
    {
        Measured measured => new Decision(Evaluation, JsonSerializer.Serialize(measured, RunJson.Default.Measured)),
        BestVersion best => new Decision(Best, JsonSerializer.Serialize(best, RunJson.Default.BestVersion)),
        EarlyStop stop => new Decision(EarlyStopped, JsonSerializer.Serialize(stop, RunJson.Default.EarlyStop)),
        _ => throw new UnreachableException($"no word for {decision.GetType().Name}"),
    })];

    /// <summary>Kinds that this build does not know are passed over.</summary>
    public static IEnumerable<RunDecision> Decode(IEnumerable<Decision> decisions)
    {
        foreach (var decision in decisions)
            if (Decode(decision) is { } known)
                yield return known;
    }

    private static RunDecision? Decode(Decision decision) => decision.Kind switch
    {
        Evaluation => Read(decision, RunJson.Default.Measured),
        Best => Read(decision, RunJson.Default.BestVersion),
        EarlyStopped => Read(decision, RunJson.Default.EarlyStop),
        _ => null,
    };

    private static T Read<T>(Decision decision, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(decision.Detail, type) ?? throw new InvalidDataException($"the journal's decision {decision.Kind} is empty");
}
