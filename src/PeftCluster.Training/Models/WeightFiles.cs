using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using PeftCluster.Jobs;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Training.Models;

/// <summary>
/// The weight files of a model folder: model.safetensors, or the shards that model.safetensors.index.json names. Headers are read
/// and checked at once, data never.
/// </summary>
internal sealed class WeightFiles
{
    public const string Single = "model.safetensors";
    public const string Index = "model.safetensors.index.json";

    private readonly Dictionary<string, (string File, SafetensorsHeader Header, SafetensorsEntry Entry)> _byName = new(StringComparer.Ordinal);

    private readonly Dictionary<string, SafetensorsHeader> _headers = new(StringComparer.Ordinal);

    private WeightFiles(IReadOnlyList<string> files)
    {
        Files = files;
        foreach (var file in files)
        {
            using var stream = File.OpenRead(file);
            var header = _headers[file] = SafetensorsHeader.Read(stream, file);
            foreach (var entry in header.Tensors)
            {
                if (!_byName.TryAdd(entry.Name, (file, header, entry)))
                    throw new BadInputException($"{file}: \"{entry.Name}\" is also in {_byName[entry.Name].File}. Download the model again.");
            }
        }
    }

    /// <summary>Full paths, in the order of their names.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>What one of <see cref="Files"/> holds.</summary>
    public SafetensorsHeader HeaderOf(string file) => _headers[file];

    public IEnumerable<string> Names => _byName.Keys;

    /// <summary>Whether a folder has weights.</summary>
    public static bool AreIn(string folder) => File.Exists(Path.Combine(folder, Single)) || File.Exists(Path.Combine(folder, Index));

    /// <summary>Finds and checks the files of a model folder.</summary>
    /// <exception cref="BadInputException">No files, a bad index, a shard that is missing, a header that lies.</exception>
    public static WeightFiles Open(string folder)
    {
        var single = Path.Combine(folder, Single);
        if (File.Exists(single))
            return new WeightFiles([single]);
        var index = Path.Combine(folder, Index);
        return File.Exists(index)
            ? new WeightFiles(Shards(index))
            : throw new BadInputException($"{folder}: has neither {Single} nor {Index}. Weights are read from safetensors files only.");
    }

    /// <summary>Whether the files have a weight.</summary>
    public bool Have(string name) => _byName.ContainsKey(NameIn(name));

    /// <summary>A weight's format; null: the files lack it.</summary>
    public SafetensorsType? TypeOf(string name) => _byName.TryGetValue(NameIn(name), out var found) ? found.Entry.Type : null;

    /// <summary>Where a weight lies.</summary>
    /// <exception cref="BadInputException">It is missing, or has another shape than config.json says.</exception>
    public (string File, long Offset, SafetensorsEntry Entry) Find(string name, IReadOnlyList<long> shape)
    {
        if (!_byName.TryGetValue(NameIn(name), out var found))
            throw new BadInputException($"{Files[0]}: \"{name}\" is missing, and config.json needs it. Download the model again.");
        if (!found.Entry.Shape.SequenceEqual(shape))
            throw new BadInputException($"{found.File}: \"{name}\" has shape [{string.Join(", ", found.Entry.Shape)}], but config.json needs [{string.Join(", ", shape)}].");
        return (found.File, found.Header.DataStart + found.Entry.Begin, found.Entry);
    }

    /// <summary>
    /// A weight's name in the files: its own, or without its first part where the files were saved from a model without its head, as
    /// the published GPT-2's (h.0.ln_1.weight for transformer.h.0.ln_1.weight).
    /// </summary>
    public string NameIn(string name)
    {
        var rest = name.IndexOf('.', StringComparison.Ordinal) + 1;
        return _byName.ContainsKey(name) || !_byName.ContainsKey(name[rest..]) ? name : name[rest..];
    }

    /// <summary>
    /// SHA-256 of the weights, 64 hex digits: of the one file, or of the list of shards' names and hashes. Reads every byte.
    /// </summary>
    public string Sha256()
    {
        if (Files.Count == 1)
            return Hash(Files[0]);
        var list = new StringBuilder();
        foreach (var file in Files)
            list.Append(CultureInfo.InvariantCulture, $"{Hash(file)}  {Path.GetFileName(file)}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(list.ToString())));
    }

    private static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string[] Shards(string index)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(SmallFile.ReadAll(index));
            foreach (var tensor in document.RootElement.GetProperty("weight_map").EnumerateObject())
                names.Add(tensor.Value.GetString() ?? "");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new BadInputException($"{index}: needs a \"weight_map\" from tensor names to file names. Download the file again.", error);
        }
        var folder = Path.GetDirectoryName(index)!;
        foreach (var name in names)
        {
            if (!ContentName.IsFileName(name))
                throw new BadInputException($"{index}: \"{name}\" is no file name inside the folder. Download the file again.");
            if (!File.Exists(Path.Combine(folder, name)))
                throw new BadInputException($"{index}: names {name}, which is missing. Download the model again.");
        }
        return names.Count > 0
            ? [.. names.Select(name => Path.Combine(folder, name))]
            : throw new BadInputException($"{index}: names no file. Download the file again.");
    }
}
