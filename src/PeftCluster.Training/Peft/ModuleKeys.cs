using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;

namespace PeftCluster.Training.Peft;

/// <summary>How an adapter_config.json says which modules are adapted, in the keys that most of PEFT's methods share.</summary>
/// <param name="Targets">target_modules</param>
/// <param name="Excluded">exclude_modules</param>
/// <param name="Layers">layers_to_transform</param>
/// <param name="Pattern">layers_pattern</param>
public sealed record ModuleKeys(ValueList<string>? Targets, ValueList<string>? Excluded, ValueList<int>? Layers, ValueList<string>? Pattern)
{
    /// <summary>The keys that <see cref="Of"/> reads.</summary>
    public static IReadOnlyList<string> Names { get; } = ["exclude_modules", "layers_pattern", "layers_to_transform", "target_modules"];

    /// <summary>
    /// What a file says. Where it chooses in a way that we do not have, its tensors show what that chose: a module's whole path is a name
    /// that only this module has.
    /// </summary>
    /// <param name="config">The file.</param>
    /// <param name="adapted">Paths of the modules that the weight file has tensors for.</param>
    public static ModuleKeys Of(AdapterConfigFile config, IEnumerable<string> adapted)
    {
        var layers = config.WholesIn("layers_to_transform", 0, 9999);
        var pattern = PatternOf(config);
        // Of layers_pattern we have names, not expressions; alone it chooses nothing that PEFT would take.
        var isOurs = pattern is null || (layers is not null && pattern.All(name => !ModuleNames.IsPattern([name])));
        return isOurs && config.ModulesIn("target_modules") is { } targets
            ? new ModuleKeys(targets, config.ModulesIn("exclude_modules"), layers, pattern)
            : new ModuleKeys([.. adapted], null, null, null);
    }

    /// <summary>modules_to_save of a file; null where it says none.</summary>
    public static ValueList<string>? Saved(AdapterConfigFile config) => config.NamesIn("modules_to_save") is { Count: > 0 } saved ? [.. saved] : null;

    /// <summary>modules_to_save as PEFT writes it.</summary>
    public static JsonNode? Saved(ValueList<string>? modules) => modules is null ? null : PythonJson.Names(modules);

    /// <summary>Writes those of the keys that the method's configuration has.</summary>
    /// <param name="config">The configuration with its defaults.</param>
    /// <param name="adapted">Paths of the modules that were adapted.</param>
    public void WriteTo(JsonObject config, IEnumerable<string> adapted)
    {
        config["target_modules"] = TargetModules.Written(Targets, adapted);
        if (config.ContainsKey("exclude_modules"))
            config["exclude_modules"] = TargetModules.Written(Excluded);
        config["layers_to_transform"] = Layers is null ? null : new JsonArray([.. Layers.Select(layer => JsonValue.Create(layer))]);
        config["layers_pattern"] = Pattern switch
        {
            null => null,
            [var one] => JsonValue.Create(one),
            _ => new JsonArray([.. Pattern.Select(name => JsonValue.Create(name))]),
        };
    }

    private static ValueList<string>? PatternOf(AdapterConfigFile config) => config["layers_pattern"] switch
    {
        null => null,
        { } nothing when AdapterConfigFile.IsEmpty(nothing) => null,
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        _ => config.NamesIn("layers_pattern") is { } names ? [.. names] : throw config.Refused("layers_pattern", "it has to be a name or a list of names"),
    };
}

/// <summary>rank_pattern and alpha_pattern in an adapter_config.json.</summary>
public static class PatternKeys
{
    public static ValueMap<int>? Ranks(AdapterConfigFile config) => config.PatternsIn<int>(
        "rank_pattern", value => value.TryGetInt32(out var rank) && rank is >= 1 and <= 4096 ? rank : null, "whole numbers from 1 to 4096");

    public static ValueMap<double>? Alphas(AdapterConfigFile config) => config.PatternsIn<double>(
        "alpha_pattern", value => value.GetDouble() is > 0 and <= 65_536 and var alpha ? alpha : null, "numbers above 0, at most 65536");

    public static JsonObject Written(ValueMap<int>? ranks) => Written(ranks, rank => JsonValue.Create(rank));

    public static JsonObject Written(ValueMap<double>? alphas) => Written(alphas, PythonJson.Number);

    private static JsonObject Written<T>(ValueMap<T>? patterns, Func<T, JsonNode?> written) => new((patterns ?? [])
        .OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, written(pair.Value))));
}
