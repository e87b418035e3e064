using System.Buffers;
using System.Text.Json;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Cluster.Wire;

namespace PeftCluster.Cluster.Queue;

/// <summary>
/// What happened to one run, every event of it, in little memory: the newest lie here, older ones in a file without a name that goes with the process. A run of
/// a million steps would otherwise cost half a gigabyte for clients that may never ask. Where the disk takes nothing, all stays in memory. Not for several threads at once.
/// </summary>
internal sealed class EventLog : IDisposable
{
    /// <summary>Events that are written together, and at least as many stay in memory: what clients that keep up are asking for.</summary>
    internal const int BlockLength = 512;

    private readonly List<(long Offset, int Bytes)> _blocks = [];
    private readonly List<RunEvent> _newest = [];
    private FileStream? _file;
    private (int Number, RunEvent[] Events)? _read;
    private bool _isFull;

    public long Count => InFile + _newest.Count;

    /// <summary>Events that are not in memory.</summary>
    internal long InFile => (long)_blocks.Count * BlockLength;

    public RunEvent this[long number] => number >= InFile
        ? _newest[(int)(number - InFile)]
        : Block((int)(number / BlockLength))[number % BlockLength];

    public void Add(RunEvent happened)
    {
        _newest.Add(happened);
        if (_newest.Count >= 2 * BlockLength && !_isFull)
            _isFull = !TryWrite();
    }

    /// <summary>Drops all but the last one.</summary>
    public void KeepLast()
    {
        _newest.RemoveRange(0, _newest.Count - 1);
        _blocks.Clear();
        _read = null;
        Dispose();
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private bool TryWrite()
    {
        try
        {
            _file ??= Nameless();
            var offset = _file.Seek(0, SeekOrigin.End);
            // Straight into the file: as one array it would be so large that only the rarest collection took it away.
            JsonSerializer.Serialize(_file, _newest[..BlockLength].ToArray(), WireJson.Default.RunEventArray);
            _blocks.Add((offset, (int)(_file.Position - offset)));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        _newest.RemoveRange(0, BlockLength);
        return true;
    }

    private RunEvent[] Block(int number)
    {
        if (_read is { } last && last.Number == number)
            return last.Events;
        var (offset, length) = _blocks[number];
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        _file!.Seek(offset, SeekOrigin.Begin);
        _file.ReadExactly(bytes, 0, length);
        var events = JsonSerializer.Deserialize(bytes.AsSpan(0, length), WireJson.Default.RunEventArray)!;
        ArrayPool<byte>.Shared.Return(bytes);
        _read = (number, events);
        return events;
    }

    private static FileStream Nameless()
    {
        var path = Path.GetTempFileName();
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 0, FileOptions.DeleteOnClose);
        // Where a file may lose its name while it is open, a killed process leaves nothing.
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }
}
