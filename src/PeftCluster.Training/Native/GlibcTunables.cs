using System.Runtime.InteropServices;

namespace PeftCluster.Training.Native;

/// <summary>
/// Settings of glibc's heap that it reads only when a process starts: so a process that will compute starts itself once more, with them in
/// its environment. Unusual: libtorch asks for memory on 64-byte boundaries, and of each such block glibc cuts off two crumbs; kept for small
/// requests, as is the default, the crumbs hold blocks apart that were neighbours, and a freed block no longer fits the next
/// tensor of its size. Without these caches a training step has a seventh less resident memory, and the same bits.
/// </summary>
public static partial class GlibcTunables
{
    private const string Variable = "GLIBC_TUNABLES";

    // mallopt can switch off the second of the two caches only.
    private static readonly string[] Wanted = ["glibc.malloc.tcache_count=0", "glibc.malloc.mxfast=0"];

    /// <summary>
    /// Starts the process again, with the same identity, arguments and environment, unless it was started so. Returns where there is nothing
    /// to do or it cannot be done: then memory is larger, nothing else. Call it before anything else.
    /// </summary>
    public static void Apply()
    {
        if (!NativeHeap.HasGlibc || Environment.ProcessPath is not { } file || Joined(Environment.GetEnvironmentVariable(Variable)) is not { } all)
            return;
        ProcessEnvironment.Set(Variable, all);
        Restart(file, File.ReadAllBytes("/proc/self/cmdline"));
    }

    /// <summary>
    /// The variable's value with what is wanted; null: it says something about one of them already. One is enough, since glibc cuts the variable up where it lies: were all
    /// looked for, a process that sees a part of it would start itself for ever.
    /// </summary>
    /// <param name="value">The value; null: none.</param>
    internal static string? Joined(string? value)
    {
        string[] said = value?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? [];
        bool IsSaid(string wanted) => said.Any(one => one.Split('=')[0] == wanted.Split('=')[0]);
        return Wanted.Any(IsSaid) ? null : string.Join(':', said.Concat(Wanted));
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
