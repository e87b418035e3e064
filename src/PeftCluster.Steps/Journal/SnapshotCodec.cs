using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using PeftCluster.Jobs;
using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Steps.Journal;

/// <summary>
/// A snapshot as a safetensors file that vouches for itself: three flat tensors, and in the metadata version, chain, job,
/// layout and the SHA-256 of all of it. So a snapshot that is half written or has a flipped bit is never taken for good.
/// </summary>
public static class SnapshotCodec
{
    private const string Adapter = "adapter", First = "first_moment", Second = "second_moment";

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
            SafetensorsTensor.Of(First, [snapshot.FirstMoment.Length], snapshot.FirstMoment),
            SafetensorsTensor.Of(Second, [snapshot.SecondMoment.Length], snapshot.SecondMoment),
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
            Vector(stream, header, Adapter, file), Vector(stream, header, First, file), Vector(stream, header, Second, file));
        return HashOf(snapshot) == Text(header, "sha256")
            ? snapshot
            : throw new BadInputException($"{file}: the snapshot is damaged: its SHA-256 is not the one it says. Resume from an older one, or start the run again.");
    }

    private static string Text(SafetensorsHeader header, string key) => header.Metadata.GetValueOrDefault(key, "");

    private static float[] Vector(Stream stream, SafetensorsHeader header, string name, string file)
    {
        if (header.Tensors.FirstOrDefault(tensor => tensor.Name == name) is not { Type: SafetensorsType.F32 } entry)
            throw new BadInputException($"{file}: not a snapshot of a run: it has no {name}.");
        var vector = new float[entry.Length / sizeof(float)];
        stream.Position = header.DataStart + entry.Begin;
        stream.ReadExactly(MemoryMarshal.AsBytes(vector.AsSpan()));
        return vector;
    }

    private static string HashOf(Snapshot snapshot)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{snapshot.Version}\n{snapshot.Chain}\n{snapshot.JobDigest}\n{snapshot.LayoutHash}\n")));
        hash.AppendData(MemoryMarshal.AsBytes(snapshot.Adapter.Span));
        hash.AppendData(MemoryMarshal.AsBytes(snapshot.FirstMoment.Span));
        hash.AppendData(MemoryMarshal.AsBytes(snapshot.SecondMoment.Span));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
