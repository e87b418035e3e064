using System.Runtime.InteropServices;
using System.Text;

namespace PeftCluster.Steps.Journal;

/// <summary>
/// Entries and gradients as frames of a file, and back. Records and gradients may lie in one file or in two. Pure: whoever
/// owns the file appends the bytes and syncs them.
/// </summary>
public static class JournalCodec
{
    private const int ChainLength = 32;
    private const int LayoutHashLength = 64;

    /// <summary>The frame of a record, and the entry with the chain's next hash.</summary>
    /// <param name="record">What made the step.</param>
    /// <param name="previousChain">The chain's hash before it.</param>
    public static (byte[] Frame, JournalEntry Entry) Encode(CommitRecord record, string previousChain)
    {
        var bytes = CommitRecordCodec.Encode(record);
        var chain = JournalChain.Next(previousChain, bytes);
        return (JournalFrame.Around(JournalKind.Commit, [.. bytes, .. Convert.FromHexString(chain)]), new JournalEntry(record, chain));
    }

    /// <summary>The frame of decisions that no step follows.</summary>
    public static byte[] Encode(LastDecisions last)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(last.Version);
        writer.Write(Convert.FromHexString(last.Chain));
        CommitRecordCodec.Write(writer, last.Decisions);
        writer.Flush();
        return JournalFrame.Around(JournalKind.LastDecisions, stream.ToArray());
    }

    /// <summary>The frame of a gradient, around the vector where it lies: a copy would be as much memory again, and memory that was never touched costs milliseconds a megabyte on some machines.</summary>
    public static FrameInParts Encode(SummedGradient gradient)
    {
        var payload = new byte[sizeof(int) + LayoutHashLength];
        MemoryMarshal.Write(payload, gradient.Step);
        Encoding.ASCII.GetBytes(gradient.LayoutHash, payload.AsSpan(sizeof(int)));
        return JournalFrame.Around(JournalKind.Gradient, payload, gradient.Vector);
    }

    /// <summary>
    /// All entries of a journal and its last decisions (gradients are passed over), the chain checked from link to link.
    /// </summary>
    /// <param name="stream">A seekable stream at the journal's first byte.</param>
    /// <param name="previousChain">The chain's hash before the first entry.</param>
    public static JournalContent Read(Stream stream, string previousChain)
    {
        var reader = new JournalReader(stream);
        var entries = new List<JournalEntry>();
        LastDecisions? last = null;
        var good = stream.Position;
        while (reader.Read())
        {
            if (reader.Kind == JournalKind.Commit)
            {
                if (DecodeEntry(reader.Payload, previousChain) is not { } entry)
                    return new JournalContent(entries, last, good, JournalEnding.Damaged, $"byte {good}: a record does not continue the chain");
                entries.Add(entry);
                previousChain = entry.Chain;
            }
            else if (reader.Kind == JournalKind.LastDecisions)
                last = DecodeLast(reader.Payload);
            good = reader.GoodLength;
        }
        return new JournalContent(entries, last, good, reader.Ending, reader.Problem);
    }

    /// <summary>The entry of a <see cref="JournalKind.Commit"/> frame, or null where it does not continue the chain.</summary>
    /// <exception cref="InvalidDataException">The payload holds no record.</exception>
    public static JournalEntry? DecodeEntry(ReadOnlyMemory<byte> payload, string previousChain)
    {
        if (payload.Length < ChainLength)
            throw new InvalidDataException("a record is shorter than a hash");
        var record = payload[..^ChainLength].ToArray();
        var chain = Convert.ToHexStringLower(payload.Span[^ChainLength..]);
        return JournalChain.Next(previousChain, record) == chain ? new JournalEntry(CommitRecordCodec.Decode(record), chain) : null;
    }

    /// <summary>The decisions of a <see cref="JournalKind.LastDecisions"/> frame.</summary>
    /// <exception cref="InvalidDataException">The payload holds none.</exception>
    public static LastDecisions DecodeLast(ReadOnlyMemory<byte> payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload.ToArray()), Encoding.UTF8);
        try
        {
            return new LastDecisions(reader.ReadInt32(), Convert.ToHexStringLower(reader.ReadBytes(ChainLength)), CommitRecordCodec.ReadDecisions(reader));
        }
        catch (Exception error) when (error is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException("the last decisions are shorter than what they say", error);
        }
    }

    /// <summary>The gradient of a <see cref="JournalKind.Gradient"/> frame.</summary>
    /// <exception cref="InvalidDataException">The payload holds no gradient.</exception>
    public static SummedGradient DecodeGradient(ReadOnlyMemory<byte> payload)
    {
        const int start = sizeof(int) + LayoutHashLength;
        if (payload.Length < start || (payload.Length - start) % sizeof(float) != 0)
            throw new InvalidDataException("a gradient is not a whole number of floats");
        return new SummedGradient(
            MemoryMarshal.Read<int>(payload.Span),
            Encoding.ASCII.GetString(payload.Span.Slice(sizeof(int), LayoutHashLength)),
            MemoryMarshal.Cast<byte, float>(payload.Span[start..]).ToArray());
    }
}

/// <summary>What a journal holds.</summary>
/// <param name="Entries">The good entries, in order.</param>
/// <param name="Last">Decisions at a version that no step followed, or null.</param>
/// <param name="GoodLength">Where to cut the file, in bytes, before more is appended.</param>
/// <param name="Ending">Whether something was wrong after them.</param>
/// <param name="Problem">What and where, for people; empty for a clean end.</param>
public sealed record JournalContent(IReadOnlyList<JournalEntry> Entries, LastDecisions? Last, long GoodLength, JournalEnding Ending, string Problem);
