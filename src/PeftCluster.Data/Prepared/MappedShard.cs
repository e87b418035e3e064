using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace PeftCluster.Data.Prepared;

/// <summary>A shard file in the address space: tokens are read where they lie, and pages that nobody reads cost nothing.</summary>
internal sealed unsafe class MappedShard : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private readonly ShardFile.Header _header;
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
            _header = Check(path, bytes);
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
            return new(_start + ShardFile.HeaderBytes, _header.Rows);
        }
    }

    /// <summary>The right choice of each row, in the shard's order; empty where rows have no choices.</summary>
    public ReadOnlySpan<int> Right
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return RightOf(_start, _header);
        }
    }

    /// <summary>Tokens of the shard from <paramref name="offset"/> on.</summary>
    public ReadOnlySpan<int> Tokens(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new(_start + _header.TokensStart + offset * sizeof(int), length);
    }

    /// <summary>Spans of the shard from <paramref name="offset"/> on.</summary>
    public ReadOnlySpan<LabelSpan> Spans(long offset, int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return SpansOf(_start, _header, offset, count);
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

    private ShardFile.Header Check(string path, long bytes)
    {
        var header = MemoryMarshal.Read<ShardFile.Header>(new ReadOnlySpan<byte>(_start, ShardFile.HeaderBytes));
        if (header.Magic != ShardFile.Magic || header.Version != ShardFile.Version)
            throw new InvalidDataException($"{path} is not a shard of this version");
        var fits = header is { Rows: >= 0, Spans: >= 0, Tokens: >= 0, Choices: 0 or 1 } && header.Spans <= bytes && header.Tokens <= bytes;
        if (!fits || header.FileBytes != bytes)
            throw new InvalidDataException($"{path} has another length than its header says");

        var (spans, tokens) = (0L, 0L);
        var right = RightOf(_start, header);
        var row = 0;
        foreach (ref readonly var entry in new ReadOnlySpan<RowEntry>(_start + ShardFile.HeaderBytes, header.Rows))
        {
            if (entry.Spans < 1 || entry.Spans > header.Spans - spans || !entry.IsSound(SpansOf(_start, header, spans, entry.Spans), right.IsEmpty ? null : right[row++]))
                throw new InvalidDataException($"{path} has an index that makes no sense");
            spans += entry.Spans;
            tokens += entry.Length;
        }
        return (spans, tokens) == (header.Spans, header.Tokens) ? header : throw new InvalidDataException($"{path} has an index that does not add up");
    }

    private static ReadOnlySpan<LabelSpan> SpansOf(byte* start, ShardFile.Header header, long offset, int count) =>
        new(start + header.SpansStart + offset * sizeof(LabelSpan), count);

    private static ReadOnlySpan<int> RightOf(byte* start, ShardFile.Header header) => new(start + header.RightStart, header.HasChoices ? header.Rows : 0);
}
