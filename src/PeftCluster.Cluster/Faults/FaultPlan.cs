using System.Text.Json;
using System.Text.Json.Serialization;
using PeftCluster.Jobs;

namespace PeftCluster.Cluster.Faults;

/// <summary>What is planted in one process: the content of the file that <c>peft node --faults</c> names.</summary>
/// <param name="Seed">Draws chances, delays and orders.</param>
/// <param name="Log">The file that gets a line for each strike, before it strikes. Beside it, with <c>.go</c> at its end, lies the file that ends a hold.</param>
/// <param name="Faults">The faults.</param>
public sealed record FaultPlan(long Seed, string Log, IReadOnlyList<Fault> Faults)
{
    /// <summary>Reads a plan.</summary>
    /// <param name="json">The file's text.</param>
    /// <param name="where">The file, for the line of an error.</param>
    /// <exception cref="BadInputException">It is no plan, or names a point that does not exist.</exception>
    public static FaultPlan Parse(string json, string where)
    {
        FaultPlan plan;
        try
        {
            plan = JsonSerializer.Deserialize(json, FaultJson.Default.FaultPlan) ?? throw new JsonException("it is empty");
        }
        catch (JsonException wrong)
        {
            throw new BadInputException($"{where}: no fault plan ({wrong.Message.TrimEnd('.')}). It is JSON with seed, log and faults.", wrong);
        }
        foreach (var fault in plan.Faults)
            if (!FaultPoint.All.Contains(fault.Point))
                throw new BadInputException($"{where}: no fault strikes at \"{fault.Point}\". Points are: {string.Join(", ", FaultPoint.All)}.");
        return plan;
    }

    /// <summary>The plan as its file has it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FaultJson.Default.FaultPlan);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true, Converters = [typeof(ActionConverter)])]
[JsonSerializable(typeof(FaultPlan))]
internal sealed partial class FaultJson : JsonSerializerContext
{
    private sealed class ActionConverter() : JsonStringEnumConverter<FaultAction>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
}
