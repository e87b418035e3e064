using System.Security.Cryptography;
using System.Text.Json;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// The cache of prepared data: <c>manifests/KEY.json</c> for each input key; by content <c>shards/SHA256.rows</c> and
/// <c>shards/SHA256.index</c>. A file is written under a temporary name and renamed when it is whole, so two processes may prepare the same at once.
/// What is damaged is as good as not there.
/// </summary>
internal sealed class PreparedStore
{
    /// <summary>Of the manifest. A file of another version is as good as not there.</summary>
    private const int Version = 3;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly PreparedFolder _folder;
    private readonly string _manifests;

    public PreparedStore(string cacheFolder)
    {
        _folder = new PreparedFolder(cacheFolder);
        _manifests = Path.Combine(_folder.Root, "manifests");
        Directory.CreateDirectory(_manifests);
    }

    internal sealed record Shard(string Sha256, long Bytes);

    internal sealed record Manifest(int Version, string Key, SetReport Report, Shard Index, IReadOnlyList<Shard> Shards);

    /// <summary>A set as it lies here.</summary>
    internal sealed record Found(PreparedRows Rows, SetReport Report, LocalFile Index, IReadOnlyList<LocalFile> Shards);

    /// <summary>Opens what lies under the key. Every byte is hashed again before it is trusted.</summary>
    /// <param name="key">The input key.</param>
    /// <param name="damage">What was wrong with files that were there; null where nothing was there or all is well.</param>
    public Found? Open(string key, out string? damage)
    {
        damage = null;
        var path = ManifestOf(key);
        if (!File.Exists(path))
            return null;
        try
        {
            var manifest = JsonSerializer.Deserialize<Manifest>(File.ReadAllBytes(path));
            if (manifest is { Version: > 0 and < Version })
                return null;
            if (manifest is not { Version: Version, Report.IsSound: true, Index: not null, Shards: not null } || manifest.Key != key)
                throw new InvalidDataException($"{path} is not a manifest of this version");
            var index = Verified(manifest.Index, "index", _folder.IndexOf);
            LocalFile[] shards = [.. manifest.Shards.Select((shard, number) => Verified(shard, $"{number}", _folder.ShardOf))];
            return new Found(PreparedRows.Open(index.Path, shards.Select(shard => shard.Path)), manifest.Report, index, shards);
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException or JsonException or UnauthorizedAccessException)
        {
            damage = broken.Message;
            return null;
        }
    }

    /// <param name="variants">How many neighbouring rows are one example.</param>
    public RowSpool CreateSpool(int variants = 1) => new(_folder.Temporary()) { Variants = variants };

    /// <summary>Writes the index and a shard file for each list of rows, then the manifest that names them.</summary>
    public void Write(string key, RowSpool spool, SetReport report, IEnumerable<IReadOnlyList<int>> rowsOfShards, CancellationToken cancellation = default)
    {
        var index = Written(_folder.WriteWhole(temporary => _folder.IndexOf(RowLengths.Write(temporary, spool))));
        var shards = rowsOfShards
            .Select(rows => Written(_folder.WriteWhole(temporary => _folder.ShardOf(ShardFile.Write(temporary, spool, rows, cancellation)))))
            .ToList();
        _folder.WriteWhole(path =>
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            JsonSerializer.Serialize(file, new Manifest(Version, key, report, index, shards), Indented);
            file.Flush(flushToDisk: true);
            return ManifestOf(key);
        });
    }

    private static Shard Written(string path) => new(Path.GetFileNameWithoutExtension(path), new FileInfo(path).Length);

    private static LocalFile Verified(Shard? shard, string name, Func<string, string> pathOf)
    {
        if (shard is null)
            throw new InvalidDataException("a manifest names nothing");
        var path = pathOf(shard.Sha256);
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} is missing");
        using var file = File.OpenRead(path);
        return file.Length == shard.Bytes && Convert.ToHexStringLower(SHA256.HashData(file)) == shard.Sha256
            ? new LocalFile(new DataFile(name, shard.Sha256, shard.Bytes), path)
            : throw new InvalidDataException($"{path} has other bytes than when it was written");
    }

    private string ManifestOf(string key) => Path.Combine(_manifests, key + ".json");
}
