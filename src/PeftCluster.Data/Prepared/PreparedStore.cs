using System.Security.Cryptography;
using System.Text.Json;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// The cache of prepared data: <c>manifests/KEY.json</c> for each input key, <c>shards/SHA256.rows</c> by content. A
/// file is written under a temporary name and renamed when it is whole, so two processes may prepare the same at once.
/// What is damaged is as good as not there.
/// </summary>
internal sealed class PreparedStore
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly string _manifests;
    private readonly string _shards;
    private readonly string _temporary;

    public PreparedStore(string cacheFolder)
    {
        var root = Path.Combine(cacheFolder, "prepared");
        (_manifests, _shards, _temporary) = (Path.Combine(root, "manifests"), Path.Combine(root, "shards"), Path.Combine(root, "temporary"));
        foreach (var folder in new[] { _manifests, _shards, _temporary })
            Directory.CreateDirectory(folder);
    }

    internal sealed record Shard(string Sha256, long Bytes);

    internal sealed record Manifest(int Version, string Key, SetReport Report, IReadOnlyList<Shard> Shards);

    /// <summary>Opens what lies under the key. Every byte is hashed again before it is trusted.</summary>
    /// <param name="key">The input key.</param>
    /// <param name="damage">What was wrong with files that were there; null where nothing was there or all is well.</param>
    public (PreparedRows Rows, SetReport Report)? Open(string key, out string? damage)
    {
        damage = null;
        var path = ManifestOf(key);
        if (!File.Exists(path))
            return null;
        try
        {
            var manifest = JsonSerializer.Deserialize<Manifest>(File.ReadAllBytes(path));
            if (manifest is not { Version: ShardFile.Version, Report: not null, Shards: not null } || manifest.Key != key)
                throw new InvalidDataException($"{path} is not a manifest of this version");
            foreach (var shard in manifest.Shards)
                Verify(shard);
            return (PreparedRows.Open(manifest.Shards.Select(shard => PathOf(shard.Sha256)), manifest.Report.Rows), manifest.Report);
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException or JsonException or UnauthorizedAccessException)
        {
            damage = broken.Message;
            return null;
        }
    }

    public RowSpool CreateSpool() => new(TemporaryPath());

    /// <summary>Writes a shard file for each list of rows, then the manifest that names them.</summary>
    public void Write(string key, RowSpool spool, SetReport report, IEnumerable<IReadOnlyList<int>> rowsOfShards)
    {
        var written = rowsOfShards.Select(rows => WriteShard(spool, rows)).ToList();
        WriteWhole(path =>
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            JsonSerializer.Serialize(file, new Manifest(ShardFile.Version, key, report, written), Indented);
            file.Flush(flushToDisk: true);
            return ManifestOf(key);
        });
    }

    private Shard WriteShard(RowSpool spool, IReadOnlyList<int> rows)
    {
        var path = WriteWhole(temporaryPath => PathOf(ShardFile.Write(temporaryPath, spool, rows)));
        return new Shard(Path.GetFileNameWithoutExtension(path), new FileInfo(path).Length);
    }

    private void Verify(Shard shard)
    {
        // The name becomes a path: only what a hash looks like may.
        if (shard?.Sha256 is not { Length: 64 } || !shard.Sha256.All(char.IsAsciiHexDigitLower))
            throw new InvalidDataException("a manifest names a shard by something that is no hash");
        var path = PathOf(shard.Sha256);
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} is missing");
        using var file = File.OpenRead(path);
        if (file.Length != shard.Bytes || Convert.ToHexStringLower(SHA256.HashData(file)) != shard.Sha256)
            throw new InvalidDataException($"{path} has other bytes than when it was written");
    }

    /// <summary>Lets a whole file be written under a temporary name, and renames it to what the writer answers.</summary>
    private string WriteWhole(Func<string, string> write)
    {
        var path = TemporaryPath();
        try
        {
            var target = write(path);
            File.Move(path, target, overwrite: true);
            return target;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private string TemporaryPath() => Path.Combine(_temporary, Guid.NewGuid().ToString("n"));

    private string ManifestOf(string key) => Path.Combine(_manifests, key + ".json");

    private string PathOf(string sha256) => Path.Combine(_shards, sha256 + ".rows");
}
