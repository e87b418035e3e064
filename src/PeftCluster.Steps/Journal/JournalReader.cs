using System.Globalization;

namespace PeftCluster.Steps.Journal;

/// <summary>
/// Reads frames one after another, each checked, until the file ends or something is wrong. What was read up to there is
/// good; <see cref="GoodLength"/> says where to cut. One frame is in memory at a time.
/// </summary>
/// <param name="stream">A seekable stream at the start of a frame.</param>
public sealed class JournalReader(Stream stream)
{
    private byte[] _body = [];

    /// <summary>The frame's kind, after <see cref="Read"/> said true.</summary>
    public JournalKind Kind { get; private set; }

    /// <summary>The frame's payload.</summary>
    public ReadOnlyMemory<byte> Payload => _body.AsMemory(JournalFrame.BodyPrefix);

    /// <summary>Where the last good frame ends, in bytes from the start of the stream.</summary>
    public long GoodLength { get; private set; } = stream.Position;

    /// <summary>How it ended, after <see cref="Read"/> said false.</summary>
    public JournalEnding Ending { get; private set; }

    /// <summary>What is wrong and where, for people; empty for a clean end.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>Reads the next frame; false at the end, or where something is wrong.</summary>
    public bool Read()
    {
        if (stream.Position == stream.Length)
            return Ended(JournalEnding.Clean, "");
        Span<byte> header = stackalloc byte[JournalFrame.HeaderLength];
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
            return Ended(JournalEnding.Torn, "the last record was not written whole");
        if (JournalFrame.BodyLength(header) is not { } length)
            return header.IndexOfAnyExcept((byte)0) < 0 && OnlyZerosFollow()
                ? Ended(JournalEnding.Torn, "the last record was never written, only its room was")
                : Ended(JournalEnding.Damaged, "a record's length is damaged");
        if (stream.Length - stream.Position < (long)length + JournalFrame.ChecksumLength)
            return Ended(JournalEnding.Torn, "the last record was not written whole");
        return ReadBody(length);
    }

    private bool ReadBody(int length)
    {
        var body = new byte[length];
        stream.ReadExactly(body);
        Span<byte> checksum = stackalloc byte[JournalFrame.ChecksumLength];
        stream.ReadExactly(checksum);
        if (!JournalFrame.ChecksumHolds(body, checksum))
            return Ended(JournalEnding.Damaged, "a record does not have its checksum");
        if (body[0] != JournalFrame.Version)
            return Ended(JournalEnding.Damaged, string.Create(CultureInfo.InvariantCulture, $"a record is of version {body[0]}, this build reads version {JournalFrame.Version}"));
        (_body, Kind, GoodLength) = (body, (JournalKind)body[1], stream.Position);
        return true;
    }

    private bool OnlyZerosFollow()
    {
        var buffer = new byte[4096];
        for (var read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
            if (buffer.AsSpan(0, read).IndexOfAnyExcept((byte)0) >= 0)
                return false;
        return true;
    }

    private bool Ended(JournalEnding ending, string problem)
    {
        Ending = ending;
        Problem = problem.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"byte {GoodLength}: {problem}");
        return false;
    }
}

/// <summary>How the reading of a journal ended.</summary>
public enum JournalEnding
{
    /// <summary>With the last whole record.</summary>
    Clean,

    /// <summary>In a record that was being written when the writer died. Cut it: it was never acknowledged.</summary>
    Torn,

    /// <summary>In a record that is whole and wrong: the disk lost something, or it is not a journal.</summary>
    Damaged,
}
