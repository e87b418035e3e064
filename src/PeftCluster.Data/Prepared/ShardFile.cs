using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// A data shard's file: a header of 64 bytes (magic, version, rows, spans, tokens, whether rows have choices), the index (a <see cref="RowEntry"/> a row,
/// in the shard's order), the <see cref="LabelSpan"/>s of all rows, where rows have choices the number of each row's right one as int32, zeros up to a multiple of 64, then all tokens as int32.
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
    public readonly record struct Header(long Magic, int Version, int Rows, long Spans, long Tokens, int Choices)
    {
        public bool HasChoices => Choices == 1;

        /// <summary>Where the spans start.</summary>
        public long SpansStart => HeaderBytes + (long)Rows * EntryBytes;

        /// <summary>Where the numbers of the right choices start.</summary>
        public long RightStart => SpansStart + Spans * Unsafe.SizeOf<LabelSpan>();

        /// <summary>Where the tokens start.</summary>
        public long TokensStart => (RightStart + (HasChoices ? (long)Rows * sizeof(int) : 0) + 63) & ~63L;

        public long FileBytes => TokensStart + Tokens * sizeof(int);
    }

    /// <summary>Writes the rows into a new file, down to the disk. Memory holds one row at a time.</summary>
    /// <returns>SHA-256 of the file, 64 hex digits.</returns>
    public static string Write(string path, RowSpool spool, IReadOnlyList<int> rows, CancellationToken cancellation = default)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        var (spans, tokens) = (rows.Sum(row => (long)spool[row].Spans), rows.Sum(row => (long)spool[row].Length));
        var header = new Header(Magic, Version, rows.Count, spans, tokens, spool.HasChoices ? 1 : 0);
        Append(MemoryMarshal.AsBytes<Header>([header]));
        Pad(HeaderBytes);
        foreach (var row in rows)
            Append(MemoryMarshal.AsBytes<RowEntry>([spool[row]]));
        var spanBuffer = Array.Empty<LabelSpan>();
        foreach (var row in rows)
            Append(MemoryMarshal.AsBytes(spool.Spans(row, ref spanBuffer)));
        if (spool.HasChoices)
            Append(MemoryMarshal.AsBytes<int>([.. rows.Select(row => spool.Choices(row).Right)]));
        Pad(header.TokensStart);
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
