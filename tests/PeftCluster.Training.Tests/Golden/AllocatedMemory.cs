using System.Runtime.InteropServices;

namespace PeftCluster.Training.Tests.Golden;

/// <summary>What glibc says that is allocated in this process; other C libraries do not tell.</summary>
internal static partial class AllocatedMemory
{
    public static bool IsTold => NativeLibrary.TryLoad("libc.so.6", out var c) && NativeLibrary.TryGetExport(c, "mallinfo2", out _);

    public static long Bytes()
    {
        var told = Mallinfo2();
        return (long)(told.InUse + told.Mapped);
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallinfo2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial Told Mallinfo2();

    /// <summary>struct mallinfo2 of malloc.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Told
    {
        public readonly nuint Arena, FreeChunks, FastChunks, Maps, Mapped, Most, Fast, InUse, Free, Keep;
    }
}
