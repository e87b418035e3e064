using System.Runtime.InteropServices;

namespace PeftCluster.Training.Native;

/// <summary>
/// glibc's heap under a training loop: every step takes and frees the same hundreds of megabytes. Left alone, glibc gives
/// part of them back after each step and faults them in again at the next, page by page; and what it keeps is full of holes, so
/// resident memory creeps although nothing leaks. So it is told to keep, and is trimmed only when memory has grown.
/// Other C libraries are left as they are.
/// </summary>
internal sealed partial class NativeHeap
{
    // Parameters of mallopt (malloc.h).
    private const int SmallCache = 1, TrimThreshold = -1, TopPad = -2, MapThreshold = -3;
    private const int Megabyte = 1 << 20;
    private const long Slack = 8 * Megabyte;

    private static readonly Lazy<bool> IsGlibc = new(() => OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("libc.so.6", out var c) && NativeLibrary.TryGetExport(c, "malloc_trim", out _));

    // Pieces of work of several sizes may take turns: only after so many is it known what the largest keeps.
    private const int Settling = 8;

    private readonly long _idle = Environment.WorkingSet;

    // The most resident bytes after the first pieces of work since the last trim, and how many pieces there were.
    private long _settled;
    private int _pieces;

    /// <summary>Whether the C library is glibc.</summary>
    internal static bool HasGlibc => IsGlibc.Value;

    /// <summary>Tells glibc to keep what is freed. Once, before libtorch is loaded.</summary>
    public static void KeepFreedMemory()
    {
        if (!IsGlibc.Value)
            return;
        // Where the process was not started with GlibcTunables, half of what they do.
        _ = Set(SmallCache, 0);
        _ = Set(TrimThreshold, int.MaxValue);
        _ = Set(TopPad, 128 * Megabyte);
        // The most that glibc allows: larger blocks are mapped, and unmapped when freed.
        _ = Set(MapThreshold, 32 * Megabyte);
    }

    /// <summary>
    /// Called after each piece of work: gives free pages back if resident memory has grown, by 8 MB and an eighth of what work takes,
    /// since the last time.
    /// </summary>
    public void AfterWork()
    {
        if (!IsGlibc.Value)
            return;
        var resident = Environment.WorkingSet;
        if (_pieces < Settling)
        {
            _settled = Math.Max(_settled, resident);
            _pieces++;
        }
        else if (resident > _settled + Math.Max(_settled - _idle, 0) / 8 + Slack)
        {
            _ = Trim(0);
            (_settled, _pieces) = (0, 0);
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Set(int parameter, int value);

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint keep);
}
