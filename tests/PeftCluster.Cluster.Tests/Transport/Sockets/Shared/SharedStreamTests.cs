using System.Net.Sockets;
using CsCheck;
using PeftCluster.Cluster.Transport.Sockets;
using PeftCluster.Cluster.Transport.Sockets.Shared;

namespace PeftCluster.Cluster.Tests.Transport.Sockets.Shared;

public sealed class SharedStreamTests
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    // A lost wake-up would be a wait without an end.
    [Fact(Timeout = 120_000)]
    public async Task Bytes_come_whole_and_in_order_in_whatever_pieces_they_are_written_and_read()
    {
        // Up to three rings full, so that both ends sleep and wake each other, and both begin anew at the ring's end.
        var pieces = Gen.Int[1, SharedMemory.RingBytes / 2].Array[1, 6];
        await Gen.Select(pieces, Gen.Int[1, SharedMemory.RingBytes / 3]).SampleAsync(async (written, most) =>
        {
            using var pair = await Pair.OpenAsync(_cancellation);
            foreach (var (from, to) in new[] { (pair.Client, pair.Endpoint), (pair.Endpoint, pair.Client) })
            {
                var bytes = Numbered(written.Sum());
                var writing = WriteAsync(from, bytes, written);
                Assert.True((await ReadAsync(to, bytes.Length, most)).AsSpan().SequenceEqual(bytes));
                await writing;
            }
        }, iter: 60, threads: 2);
    }

    [Fact(Timeout = 120_000)]
    public async Task No_wake_up_is_lost_when_both_ends_are_about_to_sleep()
    {
        using var pair = await Pair.OpenAsync(_cancellation);
        const int Rounds = 30_000;
        async Task AskAsync()
        {
            var bytes = new byte[2];
            for (var round = 0; round < Rounds; round++)
            {
                // The second byte comes when the other end, woken by the first, is about to sleep again: a little earlier or later each time.
                await pair.Client.WriteAsync(bytes.AsMemory(0, 1), _cancellation);
                Thread.SpinWait(round % 1_000);
                await pair.Client.WriteAsync(bytes.AsMemory(1, 1), _cancellation);
                await pair.Client.ReadExactlyAsync(bytes.AsMemory(0, 1), _cancellation);
            }
        }
        async Task AnswerAsync()
        {
            var bytes = new byte[2];
            for (var round = 0; round < Rounds; round++)
            {
                await pair.Endpoint.ReadExactlyAsync(bytes, _cancellation);
                await pair.Endpoint.WriteAsync(bytes.AsMemory(0, 1), _cancellation);
            }
        }
        await Task.WhenAll(Task.Run(AskAsync, _cancellation), Task.Run(AnswerAsync, _cancellation));
    }

    [Fact]
    public async Task What_was_written_before_the_other_end_went_is_read_and_then_the_end()
    {
        using var pair = await Pair.OpenAsync(_cancellation);
        await pair.Client.WriteAsync(new byte[] { 1, 2, 3 }, _cancellation);
        pair.Client.Dispose();
        var into = new byte[10];
        Assert.Equal(3, await pair.Endpoint.ReadAsync(into, _cancellation));
        Assert.Equal(0, await pair.Endpoint.ReadAsync(into, _cancellation));
    }

    [Fact]
    public async Task Whoever_waits_for_room_learns_that_the_other_end_has_gone()
    {
        using var pair = await Pair.OpenAsync(_cancellation);
        var writing = pair.Client.WriteAsync(new byte[SharedMemory.RingBytes + 1], _cancellation).AsTask();
        Assert.False(writing.IsCompleted);
        pair.Endpoint.Dispose();
        await Assert.ThrowsAnyAsync<IOException>(() => writing);
    }

    [Theory, InlineData(-1), InlineData(SharedMemory.RingBytes + 1), InlineData(long.MaxValue)]
    public async Task A_position_that_cannot_be_ends_the_connection_and_nothing_else(long written)
    {
        using var pair = await Pair.OpenAsync(_cancellation);
        using (var file = File.OpenHandle(pair.Memory.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            RandomAccess.Write(file, BitConverter.GetBytes(written), 0);
        await Assert.ThrowsAsync<LostConnectionException>(() => ReadAsync(pair.Endpoint, 9, 9));
    }

    private static byte[] Numbered(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)(i % 251);
        return bytes;
    }

    private async Task WriteAsync(Stream stream, byte[] bytes, int[] pieces)
    {
        await Task.Yield();
        var rest = bytes.AsMemory();
        foreach (var piece in pieces)
        {
            await stream.WriteAsync(rest[..piece], _cancellation);
            rest = rest[piece..];
        }
    }

    private async Task<byte[]> ReadAsync(Stream stream, int length, int most)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var read = await stream.ReadAsync(bytes.AsMemory(at, Math.Min(most, length - at)), _cancellation);
            at += read > 0 ? read : throw new EndOfStreamException();
        }
        return bytes;
    }

    private sealed class Pair(SharedMemory memory, SharedStream client, SharedStream endpoint) : IDisposable
    {
        public SharedMemory Memory => memory;

        public SharedStream Client => client;

        public SharedStream Endpoint => endpoint;

        public static async Task<Pair> OpenAsync(CancellationToken cancellation)
        {
            Assert.SkipUnless(Directory.Exists("/dev/shm"), "this system has no /dev/shm");
            using var folder = new TestFolder();
            var place = new UnixDomainSocketEndPoint(Path.Combine(folder.Path, "s"));
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(place);
            listener.Listen();
            var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(place, cancellation);
            var endpoint = await listener.AcceptAsync(cancellation);
            var made = SharedMemory.Create()!;
            var opened = SharedMemory.Open(made.Name)!;
            return new Pair(
                made,
                new SharedStream(made, made.Answers, made.Requests, new NetworkStream(client, ownsSocket: true)),
                new SharedStream(opened, opened.Requests, opened.Answers, new NetworkStream(endpoint, ownsSocket: true)));
        }

        public void Dispose()
        {
            memory.Unlink();
            client.Dispose();
            endpoint.Dispose();
        }
    }
}
