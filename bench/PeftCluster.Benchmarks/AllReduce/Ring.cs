using System.Net;
using System.Net.Sockets;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace PeftCluster.Benchmarks.AllReduce;

/// <summary>
/// The yardstick: a ring all-reduce over plain sockets. W − 1 turns in which each worker sends one part of the vector to the next and adds the part that
/// comes, then W − 1 in which the sums go round. No checksum, no protocol, no name: just bytes. What comes is added in pieces while the rest is on its way.
/// </summary>
internal sealed class Ring : IDisposable
{
    private const int PieceFloats = 1 << 16;

    private readonly int _rank;
    private readonly int _workers;
    private readonly Socket _listener;
    private readonly byte[] _piece = new byte[PieceFloats * sizeof(float)];
    private readonly string? _path;
    private readonly byte[] _vector;
    private Socket? _next;
    private Socket? _previous;

    public Ring(int rank, int workers, int floats, bool unix)
    {
        (_rank, _workers) = (rank, workers);
        _vector = new byte[floats * sizeof(float)];
        _path = unix ? Path.Combine(Path.GetTempPath(), $"peft-ring-{Environment.ProcessId}.sock") : null;
        _listener = _path is null
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(_path is null ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(_path));
        _listener.Listen();
    }

    public string Address => _path ?? _listener.LocalEndPoint!.ToString()!;

    public async Task ConnectAsync(string next)
    {
        _next = new Socket(_listener.AddressFamily, SocketType.Stream, _listener.ProtocolType);
        var coming = _listener.AcceptAsync();
        await _next.ConnectAsync(_path is null ? IPEndPoint.Parse(next) : new UnixDomainSocketEndPoint(next));
        _previous = await coming;
        if (_path is null)
            _next.NoDelay = _previous.NoDelay = true;
    }

    /// <summary>The worker's vector, and after a round the sum.</summary>
    public Span<float> Vector => MemoryMarshal.Cast<byte, float>(_vector.AsSpan());

    /// <summary>The sum over all workers, in place.</summary>
    public async Task ReduceAsync()
    {
        for (var turn = 0; turn < _workers - 1; turn++)
            await TurnAsync(_rank - turn, add: true);
        for (var turn = 0; turn < _workers - 1; turn++)
            await TurnAsync(_rank + 1 - turn, add: false);
    }

    public void Dispose()
    {
        _next?.Dispose();
        _previous?.Dispose();
        _listener.Dispose();
    }

    private async Task TurnAsync(int part, bool add)
    {
        var (outgoing, incoming) = (Part(part), Part(part - 1));
        var sending = SendAsync(outgoing);
        if (add)
            await AddAsync(incoming);
        else
            await ReceiveAsync(incoming);
        await sending;
    }

    private async Task AddAsync(Memory<byte> part)
    {
        while (part.Length > 0)
        {
            var piece = part[..Math.Min(_piece.Length, part.Length)];
            await ReceiveAsync(_piece.AsMemory(0, piece.Length));
            var sum = MemoryMarshal.Cast<byte, float>(piece.Span);
            TensorPrimitives.Add(sum, MemoryMarshal.Cast<byte, float>(_piece.AsSpan(0, piece.Length)), sum);
            part = part[piece.Length..];
        }
    }

    private async Task ReceiveAsync(Memory<byte> part)
    {
        while (part.Length > 0)
        {
            var read = await _previous!.ReceiveAsync(part);
            part = read > 0 ? part[read..] : throw new IOException("the ring is broken");
        }
    }

    private async Task SendAsync(Memory<byte> part)
    {
        await Task.Yield();
        while (part.Length > 0)
            part = part[await _next!.SendAsync(part)..];
    }

    private Memory<byte> Part(int part)
    {
        part = (part % _workers + _workers) % _workers;
        var floats = (long)_vector.Length / sizeof(float);
        var (from, to) = (floats * part / _workers * sizeof(float), floats * (part + 1) / _workers * sizeof(float));
        return _vector.AsMemory((int)from, (int)(to - from));
    }
}
