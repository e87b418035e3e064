using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace PeftCluster.Data.Prepared;

/// <summary>A shard file in the address space: tokens are read where they lie, and pages that nobody reads cost nothing.</summary>
internal sealed unsafe class MappedShard : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly int _rows;
    private bool _disposed;

    /// <exception cref="InvalidDataException">The file is not a shard, or is damaged.</exception>
    public MappedShard(string path)
    {
        var bytes = new FileInfo(path).Length;
        if (bytes < ShardFile.HeaderBytes)
            throw new InvalidDataException($"{path} is cut short");
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read);
        try
        {
            _view = _file.CreateViewAccessor(0, bytes, MemoryMappedFileAccess.Read);
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
            _start += _view.PointerOffset;
            _rows = Check(path, bytes);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The index, in the shard's order.</summary>
    public ReadOnlySpan<RowEntry> Index
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new(_start + ShardFile.HeaderBytes, _rows);
        }
    }

    /// <summary>Tokens of the shard from <paramref name="offset"/> on.</summary>
    public ReadOnlySpan<int> Tokens(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new(_start + ShardFile.TokensStart(_rows) + offset * sizeof(int), length);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_start is not null)
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file.Dispose();
    }

    private int Check(string path, long bytes)
    {
        var header = MemoryMarshal.Read<ShardFile.Header>(new ReadOnlySpan<byte>(_start, ShardFile.HeaderBytes));
        if (header.Magic != ShardFile.Magic || header.Version != ShardFile.Version)
            throw new InvalidDataException($"{path} is not a shard of this version");
        if (header.Rows < 0 || header.Tokens < 0 || header.Tokens > bytes || ShardFile.FileBytes(header.Rows, header.Tokens) != bytes)
            throw new InvalidDataException($"{path} has another length than its header says");

        var tokens = 0L;
        foreach (ref readonly var entry in new ReadOnlySpan<RowEntry>(_start + ShardFile.HeaderBytes, header.Rows))
        {
            if (!entry.IsSound)
                throw new InvalidDataException($"{path} has an index that makes no sense");
            tokens += entry.Length;
        }
        return tokens == header.Tokens ? header.Rows : throw new InvalidDataException($"{path} has an index that does not add up");
    }
}
