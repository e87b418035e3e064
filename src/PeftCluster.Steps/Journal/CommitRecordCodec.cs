using System.Buffers.Binary;
using System.Text;
using PeftCluster.Steps.Optimizers;

namespace PeftCluster.Steps.Journal;

/// <summary>
/// A record as bytes, in one way only: fields in a fixed order, little endian, doubles by their bits, texts in UTF-8 after
/// their length, lists after their count. The chain is over these bytes.
/// </summary>
public static class CommitRecordCodec
{
    public static byte[] Encode(CommitRecord record)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(record.Step);
        writer.Write(record.Update.Scalars.LearningRate);
        writer.Write(record.Update.Scalars.BiasCorrection1);
        writer.Write(record.Update.Scalars.BiasCorrection2);
        writer.Write(record.Update.Scalars.Momentum ?? double.NaN);
        writer.Write(record.Update.GradientNorm);
        writer.Write(record.Update.ClipFactor);
        writer.Write(record.LossSum);
        writer.Write(record.Denominator);
        writer.Write(record.Tokens);
        Write(writer, record.RowsHash);
        Write(writer, record.GradientHash);
        Write(writer, record.AdapterHash);
        writer.Write(record.LeafHashes.Count);
        foreach (var hash in record.LeafHashes)
            Write(writer, hash);
        Write(writer, record.Decisions);
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no record.</exception>
    public static CommitRecord Decode(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            var record = new CommitRecord
            {
                Step = reader.ReadInt32(),
                Update = new StepUpdate(
                    new StepScalars(reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), ReadNumber(reader)), reader.ReadDouble(), reader.ReadDouble()),
                LossSum = reader.ReadDouble(),
                Denominator = reader.ReadInt64(),
                Tokens = reader.ReadInt64(),
                RowsHash = ReadHash(reader),
                GradientHash = ReadHash(reader),
                AdapterHash = ReadHash(reader),
                LeafHashes = ReadList(reader, ReadHash),
                Decisions = ReadDecisions(reader),
            };
            return reader.BaseStream.Position == bytes.Length ? record : throw new InvalidDataException("a record is longer than what it says");
        }
        catch (Exception error) when (error is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException("a record is shorter than what it says", error);
        }
    }

    internal static void Write(BinaryWriter writer, IReadOnlyList<Decision> decisions)
    {
        writer.Write(decisions.Count);
        foreach (var decision in decisions)
        {
            writer.Write(decision.Kind);
            writer.Write(decision.Detail);
        }
    }

    internal static IReadOnlyList<Decision> ReadDecisions(BinaryReader reader) =>
        ReadList(reader, from => new Decision(from.ReadString(), from.ReadString()));

    private static double? ReadNumber(BinaryReader reader) => reader.ReadDouble() is var number && !double.IsNaN(number) ? number : null;

    private static List<T> ReadList<T>(BinaryReader reader, Func<BinaryReader, T> read)
    {
        var list = new List<T>();
        for (var left = reader.ReadInt32(); left > 0; left--)
            list.Add(read(reader));
        return list;
    }

    private static void Write(BinaryWriter writer, UInt128 hash)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, hash);
        writer.Write(bytes);
    }

    private static UInt128 ReadHash(BinaryReader reader)
    {
        Span<byte> bytes = stackalloc byte[16];
        reader.BaseStream.ReadExactly(bytes);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }
}
