using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace PeftCluster.Cluster.Transport.Sockets.Shared;

/// <summary>
/// Bytes from one process to another through memory that both see: one writer, one reader, neither ever holds the other up. Who has nothing to do says so in
/// the memory and sleeps; the other then owes it one wake-up, which <see cref="SharedStream"/> delivers.
/// </summary>
/// <param name="memory">Whose.</param>
/// <param name="offset">Where its header begins; the bytes follow.</param>
/// <param name="capacity">Bytes that it holds.</param>
internal sealed unsafe class SharedRing(SafeMemoryMappedViewHandle memory, int offset, int capacity)
{
    public const int HeaderBytes = 4096;

    // Each word on cache lines of its own, or the two ends would fight for one. Positions count bytes since the beginning.
    private const int WrittenAt = 0, ReadAt = 128, ReaderSleepsAt = 256, WriterSleepsAt = 384;

    // This end's own position. The memory's copy is for the other end, which could have written anything over it.
    private long _position;

    /// <summary>The writer's: takes as many bytes as there is room for.</summary>
    public int Write(ReadOnlySpan<byte> bytes)
    {
        using var held = new Hold(memory, offset);
        var count = Math.Min(Room(held), bytes.Length);
        var places = Places(held, count);
        bytes[..places.First.Length].CopyTo(places.First);
        bytes[places.First.Length..count].CopyTo(places.Second);
        Volatile.Write(ref held.Position(WrittenAt), _position += count);
        return count;
    }

    /// <summary>The reader's: gives as many bytes as are there.</summary>
    public int Read(Span<byte> into)
    {
        using var held = new Hold(memory, offset);
        var count = Math.Min(Ready(held), into.Length);
        var places = Places(held, count);
        places.First.CopyTo(into);
        places.Second.CopyTo(into[places.First.Length..]);
        Volatile.Write(ref held.Position(ReadAt), _position += count);
        return count;
    }

    /// <summary>The reader's, when nothing was there. False: now there is. True: somebody will wake it, once, and it must wait for that.</summary>
    public bool ReaderSleeps()
    {
        using var held = new Hold(memory, offset);
        Interlocked.Exchange(ref held.Flag(ReaderSleepsAt), 1);
        return Ready(held) == 0 || !Take(ref held.Flag(ReaderSleepsAt));
    }

    /// <summary>The writer's, when there was no room. False: now there is. True: as for the reader.</summary>
    public bool WriterSleeps()
    {
        using var held = new Hold(memory, offset);
        Interlocked.Exchange(ref held.Flag(WriterSleepsAt), 1);
        return Room(held) == 0 || !Take(ref held.Flag(WriterSleepsAt));
    }

    /// <summary>After writing: whether the reader sleeps, and this end must wake it.</summary>
    public bool MustWakeReader()
    {
        using var held = new Hold(memory, offset);
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref held.Flag(ReaderSleepsAt)) != 0 && Take(ref held.Flag(ReaderSleepsAt));
    }

    /// <summary>After reading: whether the writer sleeps and has room enough to be worth waking, half of all.</summary>
    public bool MustWakeWriter()
    {
        using var held = new Hold(memory, offset);
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref held.Flag(WriterSleepsAt)) != 0 && Ready(held) <= capacity / 2 && Take(ref held.Flag(WriterSleepsAt));
    }

    private static bool Take(ref int flag) => Interlocked.CompareExchange(ref flag, 0, 1) == 1;

    private int Ready(Hold held) => Checked(Volatile.Read(ref held.Position(WrittenAt)) - _position);

    private int Room(Hold held) => capacity - Checked(_position - Volatile.Read(ref held.Position(ReadAt)));

    private int Checked(long bytes) =>
        bytes >= 0 && bytes <= capacity ? (int)bytes : throw new LostConnectionException($"the shared memory says {bytes} bytes where at most {capacity} can be");

    // The next bytes: they may go on at the ring's beginning.
    private RingSpans Places(Hold held, int count)
    {
        var at = (int)(_position % capacity);
        var first = Math.Min(count, capacity - at);
        return new RingSpans(held.Bytes(at, first), held.Bytes(0, count - first));
    }

    private readonly ref struct RingSpans(Span<byte> first, Span<byte> second)
    {
        public readonly Span<byte> First = first, Second = second;
    }

    // Nobody unmaps the memory while it is touched.
    private readonly ref struct Hold
    {
        private readonly SafeMemoryMappedViewHandle _memory;
        private readonly byte* _start;

        public Hold(SafeMemoryMappedViewHandle memory, int offset)
        {
            var added = false;
            memory.DangerousAddRef(ref added);
            _memory = memory;
            _start = (byte*)memory.DangerousGetHandle() + offset;
        }

        public ref long Position(int at) => ref Unsafe.AsRef<long>(_start + at);

        public ref int Flag(int at) => ref Unsafe.AsRef<int>(_start + at);

        public Span<byte> Bytes(int at, int count) => new(_start + HeaderBytes + at, count);

        public void Dispose() => _memory.DangerousRelease();
    }
}
