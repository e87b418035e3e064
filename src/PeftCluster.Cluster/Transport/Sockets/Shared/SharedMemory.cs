using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;

namespace PeftCluster.Cluster.Transport.Sockets.Shared;

/// <summary>
/// A piece of memory that two processes of one host see, as a file that lives in memory: one ring for each direction of a connection. The client makes it and
/// names it to the endpoint; then its name is removed, so that nothing is left of it when both processes are killed.
/// </summary>
internal sealed partial class SharedMemory : IDisposable
{
    /// <summary>What a ring holds. 512 kB and 4 MB were no faster (docs/performance.md).</summary>
    public const int RingBytes = 1 << 20;

    private const string Folder = "/dev/shm";
    private const long Length = 2L * (SharedRing.HeaderBytes + RingBytes);

    private static int _made;

    private readonly SafeMemoryMappedViewHandle _view;

    private SharedMemory(string path, FileStream file)
    {
        Path = path;
        using var map = MemoryMappedFile.CreateFromFile(file, null, Length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = map.CreateViewAccessor(0, Length).SafeMemoryMappedViewHandle;
    }

    public string Path { get; }

    /// <summary>What the endpoint opens it by.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>From the client to the endpoint.</summary>
    public SharedRing Requests => new(_view, 0, RingBytes);

    /// <summary>From the endpoint to the client.</summary>
    public SharedRing Answers => new(_view, SharedRing.HeaderBytes + RingBytes, RingBytes);

    /// <summary>New memory, all zero. Null: the system has no such folder, or no room in it.</summary>
    public static SharedMemory? Create()
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Folder))
            return null;
        RemoveStale();
        var path = System.IO.Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"peft-{Environment.ProcessId}-{Interlocked.Increment(ref _made)}.ring"));
        try
        {
            // Room is taken at once: a page for which there is none when it is touched would kill the process.
            using var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                PreallocationSize = Length,
            });
            file.SetLength(Length);
            return new SharedMemory(path, file);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            File.Delete(path);
            return null;
        }
    }

    /// <summary>The memory that the other end made. Null: it cannot be seen from here (another container, another user), or is none.</summary>
    public static SharedMemory? Open(string name)
    {
        if (!RingName().IsMatch(name))
            return null;
        try
        {
            var path = System.IO.Path.Combine(Folder, name);
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return file.Length == Length ? new SharedMemory(path, file) : null;
        }
        catch (Exception unseen) when (unseen is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Removes its name; the memory stays for as long as somebody uses it.</summary>
    public void Unlink() => File.Delete(Path);

    public void Dispose() => _view.Dispose();

    [GeneratedRegex(@"^peft-[0-9]{1,10}-[0-9]{1,10}\.ring\z")]
    private static partial Regex RingName();

    // What a process left that was killed between making and naming it.
    private static void RemoveStale()
    {
        foreach (var path in Directory.EnumerateFiles(Folder, "peft-*-*.ring"))
        {
            if (!int.TryParse(System.IO.Path.GetFileName(path).Split('-')[1], NumberStyles.None, CultureInfo.InvariantCulture, out var process))
                continue;
            try
            {
                using var alive = Process.GetProcessById(process);
            }
            catch (ArgumentException)
            {
                TryDelete(path);
            }
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception foreign) when (foreign is IOException or UnauthorizedAccessException)
        {
            // Another user's: not ours to remove.
        }
    }
}
