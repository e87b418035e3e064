using System.Runtime.InteropServices;

namespace PeftCluster.Training.Native;

/// <summary>
/// The C library's view of the environment: .NET keeps a copy of its own, which native code never sees.
/// </summary>
internal static partial class ProcessEnvironment
{
    /// <summary>Sets a variable for native libraries that load later, unless the user has set it.</summary>
    public static void SetDefault(string name, string value)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)))
            Set(name, value);
    }

    /// <summary>Sets a variable for native code and for processes that this one becomes or starts.</summary>
    public static void Set(string name, string value)
    {
        Environment.SetEnvironmentVariable(name, value);
        if (!OperatingSystem.IsWindows())
            _ = SetInC(name, value, 1);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetInC(string name, string value, int overwrite);
}
