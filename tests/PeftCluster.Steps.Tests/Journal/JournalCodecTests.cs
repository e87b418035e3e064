using System.Runtime.InteropServices;
using CsCheck;
using PeftCluster.Steps.Journal;
using PeftCluster.Steps.Tests.Seam;

namespace PeftCluster.Steps.Tests.Journal;

public sealed class JournalCodecTests
{
    private static readonly string Start = new MadeUpRun(3, 6).Chain;
    private static readonly byte[][] Frames = [.. MadeFrames(6)];
    private static readonly byte[] File = [.. Frames.SelectMany(frame => frame)];
    private static readonly int[] Ends = [.. Frames.Select((_, i) => Frames.Take(i + 1).Sum(frame => frame.Length))];

    [Fact]
    public void What_was_written_is_read()
    {
        var content = Read(File);
        Assert.Equal((JournalEnding.Clean, "", (long)File.Length), (content.Ending, content.Problem, content.GoodLength));
        var run = new MadeUpRun(3, 6);
        foreach (var read in content.Entries)
        {
            var written = run.Step().Entry;
            Assert.Equal(written.Chain, read.Chain);
            Assert.Equal(written.Record with { LeafHashes = [], Decisions = [] }, read.Record with { LeafHashes = [], Decisions = [] });
            Assert.Equal(written.Record.LeafHashes, read.Record.LeafHashes);
            Assert.Equal(written.Record.Decisions, read.Record.Decisions);
        }
    }

    [Fact]
    public void A_file_cut_at_any_byte_has_exactly_the_whole_records_before()
    {
        for (var length = 0; length <= File.Length; length++)
        {
            var content = Read(File[..length]);
            var whole = Ends.Count(end => end <= length);
            Assert.Equal(whole / 2, content.Entries.Count);
            Assert.Equal(whole == 0 ? 0 : Ends[whole - 1], content.GoodLength);
            Assert.Equal(content.GoodLength == length ? JournalEnding.Clean : JournalEnding.Torn, content.Ending);
        }
    }

    [Fact]
    public void A_flipped_byte_anywhere_is_found_with_its_place() =>
        Gen.Select(Gen.Int[0, File.Length - 1], Gen.Byte[1, 255]).Sample((place, change) =>
        {
            var bytes = (byte[])File.Clone();
            bytes[place] ^= change;
            var content = Read(bytes);
            var whole = Ends.Count(end => end <= place);
            var start = whole == 0 ? 0 : Ends[whole - 1];
            Assert.Equal(JournalEnding.Damaged, content.Ending);
            Assert.Equal(start, content.GoodLength);
            Assert.StartsWith($"byte {start}: ", content.Problem, StringComparison.Ordinal);
            Assert.Equal(whole / 2, content.Entries.Count);
        }, iter: 5_000);

    [Fact]
    public void Room_that_was_never_written_is_a_torn_end()
    {
        foreach (var room in new[] { 8, 9, 5_000 })
        {
            var content = Read([.. File, .. new byte[room]]);
            Assert.Equal((JournalEnding.Torn, (long)File.Length), (content.Ending, content.GoodLength));
        }
        Assert.Equal(JournalEnding.Damaged, Read([.. File, .. new byte[5_000], 1]).Ending);
    }

    [Fact]
    public void A_record_left_out_put_twice_or_moved_breaks_the_chain()
    {
        foreach (int[] order in new int[][] { [0, 1, 4, 5], [0, 1, 0, 1], [2, 3, 0, 1] })
        {
            var content = Read([.. order.SelectMany(i => Frames[i])]);
            Assert.Equal(JournalEnding.Damaged, content.Ending);
            Assert.Contains("chain", content.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Decisions_that_no_step_follows_lie_in_the_file_and_break_no_chain()
    {
        var last = new LastDecisions(3, Start, [new Decision("early_stop", """{"version":3}"""), new Decision("best", "")]);
        var content = Read([.. Frames[0], .. Frames[1], .. JournalCodec.Encode(last), .. Frames[2], .. Frames[3]]);
        Assert.Equal((JournalEnding.Clean, 2), (content.Ending, content.Entries.Count));
        Assert.Equal((last.Version, last.Chain), (content.Last!.Version, content.Last.Chain));
        Assert.Equal(last.Decisions, content.Last.Decisions);
    }

    [Fact]
    public void A_record_of_a_later_version_is_refused_by_name()
    {
        var frame = JournalFrame.Around(JournalKind.Commit, [1, 2, 3]);
        frame[JournalFrame.HeaderLength] = JournalFrame.Version + 1;
        var body = frame.AsSpan(JournalFrame.HeaderLength, JournalFrame.BodyPrefix + 3);
        BitConverter.TryWriteBytes(frame.AsSpan(frame.Length - 8), System.IO.Hashing.XxHash3.HashToUInt64(body));
        Assert.Contains("version 3", Read(frame).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_is_pinned_to_the_byte() =>
        Assert.Equal("0500000035380b8002020102036ed4617f34305e2f", Convert.ToHexStringLower(JournalFrame.Around(JournalKind.Gradient, [1, 2, 3])));

    [Fact]
    public void A_gradients_frame_in_parts_has_the_bytes_of_one_piece_and_its_numbers_where_they_lay()
    {
        var vector = new float[] { 1, -2, 3 };
        var gradient = new SummedGradient(7, new string('c', 64), vector);
        var parts = JournalCodec.Encode(gradient);
        byte[] payload = [7, 0, 0, 0, .. Enumerable.Repeat((byte)'c', 64), .. MemoryMarshal.AsBytes(vector.AsSpan())];
        Assert.Equal(JournalFrame.Around(JournalKind.Gradient, payload), parts.ToArray());
        Assert.True(MemoryMarshal.TryGetArray(parts.Vector, out var segment) && ReferenceEquals(segment.Array, vector));
    }

    [Fact]
    public void A_chain_is_pinned()
    {
        var start = JournalChain.Start("job", 7);
        Assert.Equal("e060288850e5e1e47924fe372991987bf43cd5fa81f9229643dca772d5f9cdf0", start);
        Assert.Equal("59d38051527d65ce9a695ead5fb11b563670d71d3bcfb897df110553a02a0108", JournalChain.Next(start, [1, 2, 3]));
    }

    private static JournalContent Read(byte[] bytes) => JournalCodec.Read(new MemoryStream(bytes), Start);

    private static IEnumerable<byte[]> MadeFrames(int steps)
    {
        var run = new MadeUpRun(3, steps);
        for (var step = 0; step < steps; step++)
        {
            var (record, gradient, _) = run.Step();
            yield return gradient;
            yield return record;
        }
    }
}
