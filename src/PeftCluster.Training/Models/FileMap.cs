using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace PeftCluster.Training.Models;

/// <summary>A whole file in memory, read-only: pages come when they are touched and belong to the system's file cache.</summary>
internal sealed unsafe partial class FileMap : IDisposable
{
    // MADV_DONTNEED of sys/mman.h: pages leave this process and stay in the file cache.
    private const int DontNeed = 4;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public FileMap(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start + _view.PointerOffset;
    }

    /// <summary>The file's first byte; on a page boundary.</summary>
    public byte* Start { get; }

    /// <summary>Lets go of whole pages that have been touched; touched again, they come again. Where the system cannot, they stay.</summary>
    /// <param name="offset">From which byte of the file.</param>
    /// <param name="length">How many.</param>
    public void GiveBack(long offset, long length)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var page = Environment.SystemPageSize;
        var first = (offset + page - 1) / page * page;
        var end = (offset + length) / page * page;
        if (end > first)
            _ = Advise(Start + first, (nuint)(end - first), DontNeed);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(byte* start, nuint length, int advice);
}
