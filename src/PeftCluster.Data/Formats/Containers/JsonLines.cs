using System.Globalization;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Formats.Containers;

/// <summary>A line of a JSON Lines file.</summary>
/// <param name="Number">Its number, from 1; blank lines count.</param>
/// <param name="Bytes">Its bytes without the line's end, valid until the next line is read.</param>
internal readonly record struct JsonLine(int Number, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// Streams the lines of a JSON Lines file: memory holds one line, not the file. A byte-order mark, CRLF and a missing
/// last line's end are fine; blank lines are passed over.
/// </summary>
internal static class JsonLines
{
    /// <summary>The longest row, in bytes: 16 MB. A longer one is a file that is not JSON Lines.</summary>
    public const int MostRowBytes = 16 << 20;

    private const int FirstBuffer = 1 << 16;

    public static IEnumerable<JsonLine> Read(Stream stream, string path)
    {
        foreach (var line in Lines(stream, path, "JSON Lines has one object on each line: put each row on a line of its own, or shorten it."))
        {
            var row = line with { Bytes = line.Bytes.Trim(" \t\r\n"u8) };
            if (!row.Bytes.IsEmpty)
                yield return row;
        }
    }

    /// <summary>All lines as they are, blank ones too, without their ends and without a byte-order mark.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="remedy">What to do about a line that is too long.</param>
    /// <exception cref="BadInputException">A line is longer than 16 MB.</exception>
    public static IEnumerable<JsonLine> Lines(Stream stream, string path, string remedy)
    {
        var buffer = new byte[FirstBuffer];
        var (start, end, number) = (0, 0, 0);
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            var last = false;
            if (length < 0)
            {
                if (end - start > MostRowBytes)
                    throw TooLong(path, number + 1, remedy);
                (buffer, start, end) = MakeRoom(buffer, start, end);
                var read = stream.Read(buffer, end, buffer.Length - end);
                end += read;
                if (read > 0)
                    continue;
                last = true;
                length = end - start;
            }
            if (length > MostRowBytes)
                throw TooLong(path, number + 1, remedy);
            yield return new JsonLine(++number, Bare(buffer.AsMemory(start, length), first: number == 1));
            if (last)
                yield break;
            start += length + 1;
        }
    }

    /// <summary>Moves what is not read yet to the front; doubles the buffer where it is full.</summary>
    private static (byte[] Buffer, int Start, int End) MakeRoom(byte[] buffer, int start, int end)
    {
        var room = end - start == buffer.Length ? new byte[buffer.Length * 2] : buffer;
        Buffer.BlockCopy(buffer, start, room, 0, end - start);
        return (room, 0, end - start);
    }

    private static ReadOnlyMemory<byte> Bare(ReadOnlyMemory<byte> line, bool first)
    {
        if (first && line.Span is [0xEF, 0xBB, 0xBF, ..])
            line = line[3..];
        return line.Span is [.., (byte)'\r'] ? line[..^1] : line;
    }

    private static BadInputException TooLong(string path, int number, string remedy) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{path}:{number}: the row is longer than 16 MB. {remedy}"));
}
