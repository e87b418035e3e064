using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.AdapterFiles;

/// <summary>An adapter_config.json that somebody else may have written: every value is asked for by name, with its limits, and a wrong one is refused in one line.</summary>
public sealed class AdapterConfigFile
{
    private readonly Dictionary<string, JsonElement> _values;
    private readonly Action<string> _warn;

    private AdapterConfigFile(string path, Dictionary<string, JsonElement> values, Action<string> warn) => (Path, _values, _warn) = (path, values, warn);

    public string Path { get; }

    /// <summary>Every key that the file has.</summary>
    public IReadOnlyDictionary<string, JsonElement> Values => _values;

    /// <summary>A key's value; null where the key is missing or null.</summary>
    public JsonElement? this[string key] => _values.TryGetValue(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>Reads the file.</summary>
    /// <exception cref="BadInputException">It is missing or no JSON object.</exception>
    public static AdapterConfigFile Load(string path, Action<string> warn)
    {
        if (!File.Exists(path))
            throw new BadInputException($"{path}: is missing. An adapter's folder has adapter_config.json and adapter_model.safetensors.");
        try
        {
            var values = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(SmallFile.ReadAll(path));
            return new AdapterConfigFile(path, values ?? throw new JsonException(), warn);
        }
        catch (JsonException error)
        {
            throw new BadInputException($"{path}: is no JSON object. Download or write the file again.", error);
        }
    }

    /// <summary>A section inside the file.</summary>
    /// <exception cref="BadInputException">It is missing or no section.</exception>
    public AdapterConfigFile Section(string key) => this[key] is { ValueKind: JsonValueKind.Object } section
        ? new AdapterConfigFile($"{Path}: {key}", section.EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal), _warn)
        : throw Refused(key, "it has to be an object");

    /// <summary>The same with other names under a key.</summary>
    public AdapterConfigFile With(string key, IEnumerable<string> names) =>
        new(Path, new Dictionary<string, JsonElement>(_values, StringComparer.Ordinal) { [key] = JsonSerializer.SerializeToElement(names) }, _warn);

    /// <summary>Says once which keys are not known and so ignored, as PEFT does.</summary>
    public void WarnOfUnknown(IEnumerable<string> known)
    {
        var unknown = _values.Keys.Except(known).Order(StringComparer.Ordinal).ToArray();
        if (unknown.Length > 0)
            _warn($"{Path}: ignoring {string.Join(", ", unknown)}: not known here. A newer PEFT may have written the file.");
    }

    /// <summary>Says once which keys are not known, and refuses those that are neither taken here nor at their default, nor empty.</summary>
    /// <param name="defaults">Every key that PEFT writes.</param>
    /// <param name="taken">Those that are read, or that may have any value.</param>
    public void RefuseOthers(JsonObject defaults, IReadOnlyCollection<string> taken)
    {
        WarnOfUnknown(defaults.Select(pair => pair.Key).Concat(taken));
        foreach (var (key, value) in defaults.Where(pair => !taken.Contains(pair.Key)))
            RefuseUnless(key, value);
    }

    /// <summary>Refuses a value that is neither the default nor empty.</summary>
    public void RefuseUnless(string key, JsonNode? standard)
    {
        if (this[key] is { } value && !IsEmpty(value) && !JsonNode.DeepEquals(JsonNode.Parse(value.GetRawText()), standard))
            throw Refused(key, "adapters with it cannot be used here");
    }

    /// <summary>The line for a value that is not supported.</summary>
    public BadInputException Refused(string key, string why)
    {
        var text = this[key]?.GetRawText().ReplaceLineEndings(" ") ?? "null";
        return new BadInputException($"{Path}: {key}: {(text.Length > 60 ? text[..60] + "…" : text)} is not supported: {why}.");
    }

    /// <summary>A list of names; null where the value is anything else, for example a pattern.</summary>
    public IReadOnlyList<string>? NamesIn(string key) =>
        this[key] is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(name => name.GetString()!)]
            : null;

    /// <summary>A choice of modules: a list of names, or a text that is a regular expression; null where the key says nothing or something else.</summary>
    public ValueList<string>? ModulesIn(string key) => this[key] switch
    {
        { ValueKind: JsonValueKind.String } text when ModuleNames.IsPattern([text.GetString()!]) => [text.GetString()!],
        { ValueKind: JsonValueKind.Array } list when !IsEmpty(list) && NamesIn(key) is { } names => [.. names],
        _ => null,
    };

    /// <summary>A list of whole numbers within limits, or one of them; null where the key says nothing.</summary>
    public ValueList<int>? WholesIn(string key, int least, int most)
    {
        if (this[key] is not { } value || IsEmpty(value))
            return null;
        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        int[] numbers = [.. items.Where(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var number) && number >= least && number <= most).Select(item => item.GetInt32())];
        return numbers.Length == items.Length ? [.. numbers] : throw Outside(key, string.Create(CultureInfo.InvariantCulture, $"a list of whole numbers from {least} to {most}"));
    }

    /// <summary>Regular expressions with a value each; null where the key says nothing.</summary>
    public ValueMap<T>? PatternsIn<T>(string key, Func<JsonElement, T?> read, string limits)
        where T : struct
    {
        if (this[key] is not { } map || IsEmpty(map))
            return null;
        if (map.ValueKind != JsonValueKind.Object)
            throw Outside(key, $"a section of patterns with {limits}");
        return new ValueMap<T>(map.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name,
            (pair.Value.ValueKind == JsonValueKind.Number ? read(pair.Value) : null) ?? throw Outside(key, $"a section of patterns with {limits}"))).ToArray());
    }

    /// <summary>A whole number within limits.</summary>
    public int Whole(string key, int standard, int least, int most) => this[key] switch
    {
        null => standard,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) && number >= least && number <= most => number,
        _ => throw Outside(key, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}")),
    };

    /// <summary>A number within limits.</summary>
    public double Number(string key, double standard, Func<double, bool> isFine, string limits) => this[key] switch
    {
        null => standard,
        { ValueKind: JsonValueKind.Number } value when isFine(value.GetDouble()) => value.GetDouble(),
        _ => throw Outside(key, limits),
    };

    /// <summary>A scale or its numerator: above 0, at most 65,536.</summary>
    public double Scale(string key, double standard) => Number(key, standard, value => value is > 0 and <= 65_536, "a number above 0, at most 65536");

    /// <summary>A share that is dropped, none where the key says nothing.</summary>
    public double Dropout(string key) => Number(key, 0, value => value is >= 0 and < 1, "a number from 0 to below 1");

    /// <summary>Whether the key says true.</summary>
    public bool IsTrue(string key) => this[key] is { ValueKind: JsonValueKind.True };

    /// <summary>Whether a value says nothing: false, an empty list, object or text.</summary>
    public static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.False or JsonValueKind.Null => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.String => value.GetString()!.Length == 0,
        _ => false,
    };

    private BadInputException Outside(string key, string limits) =>
        new($"{Path}: {key}: {this[key]!.Value.GetRawText()} is not {limits}.");
}
