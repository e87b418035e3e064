using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using PeftCluster.Jobs;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Steps.Journal;

/// <summary>
/// A snapshot as a safetensors file that vouches for itself: the adapter and the vectors beside it as flat tensors, and in the metadata version, chain, job,
/// layout and the SHA-256 of all of it. So a snapshot that is half written or has a flipped bit is never taken for good.
/// </summary>
public static class SnapshotCodec
{
    private const string Adapter = "adapter";

    /// <summary>Writes the file. Equal snapshots give equal bytes.</summary>
    public static void Write(Stream stream, Snapshot snapshot)
    {
        var metadata = new Dictionary<string, string>
        {
            ["chain"] = snapshot.Chain,
            ["format"] = "pt",
            ["job"] = snapshot.JobDigest,
            ["layout"] = snapshot.LayoutHash,
            ["sha256"] = HashOf(snapshot),
            ["version"] = snapshot.Version.ToString(CultureInfo.InvariantCulture),
        };
        SafetensorsWriter.Write(stream,
        [
            SafetensorsTensor.Of(Adapter, [snapshot.Adapter.Length], snapshot.Adapter),
            .. snapshot.Vectors.Select(vector => SafetensorsTensor.Of(vector.Name, [vector.Values.Length], vector.Values)),
        ], metadata);
    }

    /// <summary>Reads a file that <see cref="Write"/> wrote.</summary>
    /// <param name="stream">A seekable stream at its first byte.</param>
    /// <param name="file">The file's name, for errors.</param>
    /// <exception cref="BadInputException">It is no snapshot, or damaged.</exception>
    public static Snapshot Read(Stream stream, string file)
    {
        var header = SafetensorsHeader.Read(stream, file);
        if (!int.TryParse(Text(header, "version"), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            throw new BadInputException($"{file}: not a snapshot of a run.");
        var snapshot = new Snapshot(
            version, Text(header, "chain"), Text(header, "job"), Text(header, "layout"),
            Vector(stream, header, header.Tensors.FirstOrDefault(tensor => tensor.Name == Adapter), file),
            [.. header.Tensors.Where(tensor => tensor.Name != Adapter && tensor.Length > 0).Select(tensor => new NamedVector(tensor.Name, Vector(stream, header, tensor, file)))]);
        return HashOf(snapshot) == Text(header, "sha256")
            ? snapshot
            : throw new BadInputException($"{file}: the snapshot is damaged: its SHA-256 is not the one it says. Resume from an older one, or start the run again.");
    }

    private static string Text(SafetensorsHeader header, string key) => header.Metadata.GetValueOrDefault(key, "");

    private static float[] Vector(Stream stream, SafetensorsHeader header, SafetensorsEntry? entry, string file)
    {
        if (entry is not { Type: SafetensorsType.F32 })
            throw new BadInputException($"{file}: not a snapshot of a run: {(entry is null ? $"it has no {Adapter}" : $"{entry.Name} is {entry.Type}")}.");
        var vector = new float[entry.Length / sizeof(float)];
        stream.Position = header.DataStart + entry.Begin;
        stream.ReadExactly(MemoryMarshal.AsBytes(vector.AsSpan()));
        return vector;
    }

    private static string HashOf(Snapshot snapshot)
    {
        NamedVector[] vectors = [.. snapshot.Vectors.OrderBy(vector => vector.Name, StringComparer.Ordinal)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{snapshot.Version}\n{snapshot.Chain}\n{snapshot.JobDigest}\n{snapshot.LayoutHash}\n{string.Join(',', vectors.Select(vector => vector.Name))}\n")));
        hash.AppendData(MemoryMarshal.AsBytes(snapshot.Adapter.Span));
        foreach (var vector in vectors)
            hash.AppendData(MemoryMarshal.AsBytes(vector.Values.Span));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
