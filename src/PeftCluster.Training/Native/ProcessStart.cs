using System.Runtime.InteropServices;

namespace PeftCluster.Training.Native;

/// <summary>
/// Settings that a process reads only when it starts, and that no file of its own can say: so it starts itself once more, as the same process, with them in its
/// environment.
/// </summary>
public static partial class ProcessStart
{
    /// <summary>
    /// Starts the process again, with the same identity, arguments and environment, unless it has all that is wanted. Returns where there is nothing to do or it
    /// cannot be done: then memory is larger, nothing else. Call it before anything else.
    /// </summary>
    /// <param name="wanted">Variables with their values; null: one that is well as it is.</param>
    public static void AgainWith(params ReadOnlySpan<(string Name, string Value)?> wanted)
    {
        if (!NativeHeap.HasGlibc || Environment.ProcessPath is not { } file)
            return;
        var lacks = false;
        foreach (var variable in wanted)
        {
            if (variable is not var (name, value))
                continue;
            ProcessEnvironment.Set(name, value);
            lacks = true;
        }
        if (!lacks)
            return;
        DropDiagnosticSocket();
        Restart(file, File.ReadAllBytes("/proc/self/cmdline"));
    }

    // The runtime's socket for dotnet-trace and its like has a name made of the process's identity: the next runtime could not bind it, and nobody would delete it.
    private static void DropDiagnosticSocket()
    {
        try
        {
            foreach (var socket in Directory.EnumerateFiles(Path.GetTempPath(), $"dotnet-diagnostic-{Environment.ProcessId}-*-socket"))
                File.Delete(socket);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Then it stays.
        }
    }

    // Arguments are bytes that end with a zero each, and need not be text.
    private static unsafe void Restart(string file, byte[] arguments)
    {
        fixed (byte* start = arguments)
        {
            var pointers = new List<nint>();
            for (var (at, isStart) = (0, true); at < arguments.Length; isStart = arguments[at++] == 0)
            {
                if (isStart)
                    pointers.Add((nint)(start + at));
            }
            pointers.Add(0);
            fixed (nint* list = CollectionsMarshal.AsSpan(pointers))
                _ = Execute(file, list);
        }
    }

    // Returns only if it fails.
    [LibraryImport("libc.so.6", EntryPoint = "execv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Execute(string file, nint* arguments);
}
