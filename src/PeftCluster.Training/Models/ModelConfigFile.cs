using System.Globalization;
using System.Text.Json;
using PeftCluster.Jobs;
using PeftCluster.Training.Models.Families;

namespace PeftCluster.Training.Models;

/// <summary>
/// Reads config.json of a model folder: picks the family by <c>model_type</c> and refuses what the family does not compute,
/// rather than computing something else.
/// </summary>
public sealed class ModelConfigFile
{
    private static readonly Dictionary<string, Func<ModelConfigFile, ModelConfig>> Families = new(StringComparer.Ordinal)
    {
        ["llama"] = Llama.Read,
        ["mistral"] = Mistral.Read,
        ["qwen2"] = Qwen.Read2,
        ["qwen3"] = Qwen.Read3,
        ["gemma"] = Gemma.Read1,
        ["gemma2"] = Gemma.Read2,
        ["phi3"] = Phi3.Read,
        ["gpt2"] = Gpt2.Read,
        ["gpt_neox"] = GptNeox.Read,
        ["t5"] = T5Family.ReadT5,
        ["mt5"] = T5Family.ReadMt5,
        ["bert"] = BertFamily.ReadBert,
        ["roberta"] = BertFamily.ReadRoberta,
    };

    // Every layer is some modules with names, before a weight is read.
    private const int MostLayers = 10_000;

    private readonly JsonElement _root;

    private ModelConfigFile(string path, JsonElement root)
    {
        Path = path;
        _root = root;
    }

    /// <summary>The families that can be read, by <c>model_type</c>.</summary>
    public static IReadOnlyCollection<string> KnownFamilies => Families.Keys;

    /// <summary>The file, for errors.</summary>
    public string Path { get; }

    /// <summary>Reads the configuration of a model.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <exception cref="BadInputException">No such folder or file, no JSON, a family or an option that is not supported.</exception>
    public static ModelConfig Load(string folder)
    {
        if (!Directory.Exists(folder))
            throw new BadInputException($"model: {folder} is no folder. Give the folder of a model in the Hugging Face layout (config.json, *.safetensors, tokenizer.json).");
        return LoadFile(System.IO.Path.Combine(folder, "config.json"));
    }

    /// <summary>Reads one configuration file.</summary>
    /// <param name="path">The file config.json, under any name.</param>
    /// <exception cref="BadInputException">As <see cref="Load"/>.</exception>
    public static ModelConfig LoadFile(string path)
    {
        if (!File.Exists(path))
            throw new BadInputException($"{path} is missing. A model folder needs config.json, *.safetensors and tokenizer.json.");
        try
        {
            using var document = JsonDocument.Parse(SmallFile.ReadAll(path));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new BadInputException($"{path}: must hold a JSON object.");
            var file = new ModelConfigFile(path, document.RootElement);
            var family = file.Text("model_type");
            return Families.TryGetValue(family ?? "", out var read)
                ? read(file)
                : throw new BadInputException($"{path}: model_type \"{family}\" is not supported. Known: {string.Join(", ", Families.Keys)}.");
        }
        catch (JsonException error)
        {
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"{path}:{error.LineNumber + 1}: not valid JSON. Download or write the file again."), error);
        }
        catch (InvalidOperationException error) // bytes that are not UTF-8, or a \u escape that is half a character
        {
            throw new BadInputException($"{path}: has text that is not Unicode. Download or write the file again.", error);
        }
    }

    /// <summary>A number of layers, which come as so many modules; or <paramref name="otherwise"/> where the key is missing or null.</summary>
    public int Layers(string key, int? otherwise = null) => Positive(key, otherwise) is var layers && layers <= MostLayers
        ? layers
        : throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{Path}: {key}: {layers} is more than {MostLayers} layers. Download or write the file again."));

    /// <summary>A whole number from 0, or <paramref name="otherwise"/> where the key is missing or null.</summary>
    public int Whole(string key, int otherwise) => Find(key) is not { } value ? otherwise
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0 ? number
        : throw new BadInputException($"{Path}: {key}: {value.GetRawText()} is not a whole number from 0.");

    /// <summary>A whole number above 0, or <paramref name="otherwise"/> where the key is missing or null.</summary>
    public int Positive(string key, int? otherwise = null)
    {
        if (Find(key) is not { } value)
            return otherwise ?? throw new BadInputException($"{Path}: {key} is missing.");
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number > 0
            ? number
            : throw new BadInputException($"{Path}: {key}: {value.GetRawText()} is not a whole number above 0.");
    }

    /// <summary>A number above 0, or <paramref name="otherwise"/>. A dot in the key goes into an object.</summary>
    public double PositiveNumber(string key, double? otherwise = null)
    {
        if (Find(key) is not { } value)
            return otherwise ?? throw new BadInputException($"{Path}: {key} is missing.");
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number > 0 && double.IsFinite(number)
            ? number
            : throw new BadInputException($"{Path}: {key}: {value.GetRawText()} is not a number above 0.");
    }

    /// <summary>Any number, or <paramref name="otherwise"/> where the key is missing or null.</summary>
    public double Number(string key, double otherwise) => Find(key) is not { } value ? otherwise
        : value.ValueKind == JsonValueKind.Number ? value.GetDouble()
        : throw new BadInputException($"{Path}: {key}: {value.GetRawText()} is not a number.");

    /// <summary>A truth value, or <paramref name="otherwise"/> where the key is missing or null.</summary>
    public bool Flag(string key, bool otherwise = false) => Find(key) is not { } value ? otherwise
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw new BadInputException($"{Path}: {key}: {value.GetRawText()} is neither true nor false.");

    /// <summary>A text, or null.</summary>
    public string? Text(string key) => Find(key) is { } value
        ? value.ValueKind == JsonValueKind.String ? value.GetString() : throw new BadInputException($"{Path}: {key}: {value.GetRawText()} is not a text.")
        : null;

    /// <summary>A list of texts, or null.</summary>
    public IReadOnlyList<string>? Texts(string key) => Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String) ? [.. value.EnumerateArray().Select(one => one.GetString()!)]
        : throw new BadInputException($"{Path}: {key}: {value.GetRawText()} is not a list of texts.");

    /// <summary>A list of numbers above 0.</summary>
    /// <param name="key">The key; a dot goes into an object.</param>
    /// <param name="count">How many there must be.</param>
    public IReadOnlyList<double> PositiveNumbers(string key, int count) =>
        Find(key) is { ValueKind: JsonValueKind.Array } value && value.GetArrayLength() == count
            && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.Number && one.GetDouble() > 0 && double.IsFinite(one.GetDouble()))
        ? [.. value.EnumerateArray().Select(one => one.GetDouble())]
        : throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{Path}: {key}: must be {count} numbers above 0, one for each rotated pair."));

    /// <summary>How many keys an object has.</summary>
    public int Count(string key) => Find(key) is { ValueKind: JsonValueKind.Object } value
        ? value.EnumerateObject().Count()
        : throw new BadInputException($"{Path}: {key}: is no object.");

    /// <summary>Refuses options that this family's layers do not have here, where one is on.</summary>
    public void RefuseFlags(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (Flag(key))
                throw Unsupported($"{key}: true", "this family's layers have none here");
        }
    }

    /// <summary>Whether the key is there and null, which for some keys is not the same as missing.</summary>
    public bool IsNull(string key) => _root.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Whether a weight lies in the files beside the configuration. A configuration alone has none.</summary>
    /// <exception cref="BadInputException">The files' headers are damaged.</exception>
    public bool HasWeight(string name)
    {
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        return WeightFiles.AreIn(folder) && WeightFiles.Open(folder).Names.Contains(name);
    }

    /// <summary>Ends with the line for an option that this family does not compute here.</summary>
    public BadInputException Unsupported(string option, string supported) =>
        new($"{Path}: {option} is not supported; {supported}.");

    private JsonElement? Find(string key)
    {
        var value = _root;
        foreach (var part in key.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(part, out value))
                return null;
        }
        return value.ValueKind == JsonValueKind.Null ? null : value;
    }
}
