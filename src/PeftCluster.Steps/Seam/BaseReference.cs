using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace PeftCluster.Steps.Seam;

/// <summary>
/// A base model by its content: every file that decides what is computed or decoded (weights, config.json, the tokenizer's files), whatever
/// folder it lies in.
/// </summary>
/// <param name="Files">By file name, in the order of the names.</param>
public sealed record BaseReference(IReadOnlyList<DataFile> Files)
{
    /// <summary>SHA-256 over a line "HASH  NAME" for each file, 64 hex digits.</summary>
    [JsonIgnore]
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Concat(Files.OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => $"{file.Sha256}  {file.Name}\n")))));

    /// <summary>Files that only one of the two has, or that differ, by name.</summary>
    public IReadOnlyList<string> Differences(BaseReference other) =>
        [.. Files.Except(other.Files).Union(other.Files.Except(Files)).Select(file => file.Name).Distinct().Order(StringComparer.Ordinal)];
}
