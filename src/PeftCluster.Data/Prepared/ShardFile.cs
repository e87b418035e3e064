using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// A data shard's file: a header of 64 bytes (magic, version, rows, spans, tokens), the index (a <see cref="RowEntry"/> a row,
/// in the shard's order), the <see cref="LabelSpan"/>s of all rows, zeros up to a multiple of 64, then all tokens as int32.
/// Little-endian throughout, as every machine is that libtorch runs on; so a mapped file is used as it lies.
/// </summary>
internal static class ShardFile
{
    public const int HeaderBytes = 64;

    /// <summary>"PEFTROWS" as the bytes of a little-endian number.</summary>
    public const long Magic = 0x53574F5254464550;

    public const int Version = 2;

    public static int EntryBytes => Unsafe.SizeOf<RowEntry>();

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public readonly record struct Header(long Magic, int Version, int Rows, long Spans, long Tokens);

    /// <summary>Where the spans start.</summary>
    public static long SpansStart(int rows) => HeaderBytes + (long)rows * EntryBytes;

    /// <summary>Where the tokens start.</summary>
    public static long TokensStart(int rows, long spans) => (SpansStart(rows) + spans * Unsafe.SizeOf<LabelSpan>() + 63) & ~63L;

    public static long FileBytes(int rows, long spans, long tokens) => TokensStart(rows, spans) + tokens * sizeof(int);

    /// <summary>Writes the rows into a new file, down to the disk. Memory holds one row at a time.</summary>
    /// <returns>SHA-256 of the file, 64 hex digits.</returns>
    public static string Write(string path, RowSpool spool, IReadOnlyList<int> rows, CancellationToken cancellation = default)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        var (spans, tokens) = (rows.Sum(row => (long)spool[row].Spans), rows.Sum(row => (long)spool[row].Length));
        Append(MemoryMarshal.AsBytes<Header>([new Header(Magic, Version, rows.Count, spans, tokens)]));
        Pad(HeaderBytes);
        foreach (var row in rows)
            Append(MemoryMarshal.AsBytes<RowEntry>([spool[row]]));
        var spanBuffer = Array.Empty<LabelSpan>();
        foreach (var row in rows)
            Append(MemoryMarshal.AsBytes(spool.Spans(row, ref spanBuffer)));
        Pad(TokensStart(rows.Count, spans));
        var tokenBuffer = Array.Empty<int>();
        foreach (var row in rows)
        {
            cancellation.ThrowIfCancellationRequested();
            Append(MemoryMarshal.AsBytes(spool.Tokens(row, ref tokenBuffer)));
        }
        file.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(ReadOnlySpan<byte> bytes)
        {
            file.Write(bytes);
            hash.AppendData(bytes);
        }

        void Pad(long place) => Append(new byte[place - file.Position]);
    }
}
