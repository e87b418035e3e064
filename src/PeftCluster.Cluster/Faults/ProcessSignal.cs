using System.Runtime.InteropServices;

namespace PeftCluster.Cluster.Faults;

/// <summary>Signals that .NET cannot send: the process is killed, frozen or continued by the kernel, and has no say.</summary>
public static class ProcessSignal
{
    /// <summary>SIGKILL.</summary>
    public static void Kill(int process) => Send(process, 9);

    /// <summary>SIGTERM.</summary>
    public static void Terminate(int process) => Send(process, 15);

    /// <summary>SIGSTOP.</summary>
    public static void Stop(int process) => Send(process, OperatingSystem.IsMacOS() ? 17 : 19);

    /// <summary>SIGCONT.</summary>
    public static void Continue(int process) => Send(process, OperatingSystem.IsMacOS() ? 19 : 18);

    /// <summary>Whether a process of this number runs. One that has ended and that nobody has asked about yet (a zombie) does not.</summary>
    public static bool IsRunning(int process)
    {
        if (SendSignal(process, 0) != 0)
            return false;
        try
        {
            // NUMBER (NAME) STATE …: the name may hold anything, so the last bracket counts.
            var state = File.ReadAllText($"/proc/{process}/stat");
            return state[state.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return !OperatingSystem.IsLinux();
        }
    }

    private static void Send(int process, int signal)
    {
        if (!OperatingSystem.IsWindows())
            _ = SendSignal(process, signal);
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
