using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// Unix sockets between processes of one host: half the time of TCP over loopback. Their files are named by process and port, so that what a killed process left
/// is known, and removed by the next one.
/// </summary>
internal static class UnixSockets
{
    // sockaddr_un's path, the shortest of the systems (macOS) with its closing zero.
    private const int LongestPath = 103;

    /// <summary>
    /// What tells this host from others, and this start of it from earlier ones. Containers of one host share it; whether the file can be seen
    /// from here is another question.
    /// </summary>
    public static string HostId { get; } = ReadHostId();

    /// <summary>Listens at a fresh file in the folder, which only this user may use. Null: the system has none, or the path is too long.</summary>
    public static (Socket Listener, string Path)? Listen(string folder, int port)
    {
        var path = Path.Combine(Path.GetFullPath(folder), string.Create(CultureInfo.InvariantCulture, $"peft-{Environment.ProcessId}-{port}.sock"));
        if (!Socket.OSSupportsUnixDomainSockets || path.Length > LongestPath)
            return null;
        Directory.CreateDirectory(folder);
        RemoveStale(folder);
        File.Delete(path);
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            // Between Bind and Listen nobody can connect, so nobody slips in before the mode is set.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen(512);
            return (listener, path);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    private static void RemoveStale(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "peft-*-*.sock"))
            if (!IsAlive(path))
                File.Delete(path);
    }

    /// <summary>Somebody answers there, or the process that made it lives (it may be about to listen).</summary>
    private static bool IsAlive(string path)
    {
        if (!int.TryParse(Path.GetFileName(path).Split('-')[1], NumberStyles.None, CultureInfo.InvariantCulture, out var process))
            return true;
        try
        {
            using var alive = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            // Not here; perhaps in another container that shares the folder.
        }
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string ReadHostId()
    {
        const string BootId = "/proc/sys/kernel/random/boot_id";
        try
        {
            return File.Exists(BootId) ? File.ReadAllText(BootId).Trim() : Environment.MachineName;
        }
        catch (IOException)
        {
            return Environment.MachineName;
        }
    }
}
