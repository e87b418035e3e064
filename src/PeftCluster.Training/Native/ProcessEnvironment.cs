using System.Runtime.InteropServices;

namespace PeftCluster.Training.Native;

/// <summary>
/// The C library's view of environment and heap. .NET keeps a copy of the environment of its own, which native code never
/// sees, and never gives a native heap's free pages back.
/// </summary>
internal static partial class ProcessEnvironment
{
    /// <summary>Sets a variable for native libraries that load later, unless the user has set it.</summary>
    public static void SetDefault(string name, string value)
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)))
            return;
        Environment.SetEnvironmentVariable(name, value);
        if (!OperatingSystem.IsWindows())
            _ = SetInC(name, value, 0);
    }

    /// <summary>
    /// Gives free pages of the C heap back to the system. Without it resident memory creeps up although nothing
    /// leaks: freed activations leave holes that glibc keeps.
    /// </summary>
    public static void TrimHeap()
    {
        if (OperatingSystem.IsLinux() && HasTrim.Value)
            _ = Trim(0);
    }

    // musl has no malloc_trim.
    private static readonly Lazy<bool> HasTrim = new(() =>
        NativeLibrary.TryLoad("libc.so.6", out var c) && NativeLibrary.TryGetExport(c, "malloc_trim", out _));

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetInC(string name, string value, int overwrite);

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint keep);
}
