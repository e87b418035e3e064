using System.Runtime.InteropServices;
using PeftCluster.Steps.Journal;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// The files of a real disk. A new name is durable only when its folder is synced too; .NET cannot open a folder, so on Unix
/// libc does it. Locks are the operating system's (flock), which frees those of a dead process.
/// </summary>
public sealed class DiskFiles : IRunFiles
{
    public void MakeFolder(string folder) => Directory.CreateDirectory(folder);

    public IReadOnlyList<string> Names(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
        : [];

    public Stream Read(string path) => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public IAppendedFile Create(string path)
    {
        var file = new AppendedFile(path);
        SyncFolder(Path.GetDirectoryName(path)!);
        return file;
    }

    public void Write(string path, Action<Stream> write)
    {
        var temporary = path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            write(file);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    public void Delete(string path) => File.Delete(path);

    public void MakeEmptyFolder(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
    }

    public void ReplaceFolder(string folder, string by)
    {
        foreach (var path in Directory.EnumerateFiles(by))
            using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
                file.Flush(flushToDisk: true);
        SyncFolder(by);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.Move(by, folder);
        SyncFolder(Path.GetDirectoryName(folder)!);
    }

    public void MoveFolder(string folder, string to)
    {
        Directory.Move(folder, to);
        SyncFolder(Path.GetDirectoryName(to)!);
    }

    public IDisposable? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    private static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        var handle = Native.Open(folder, 0);
        if (handle < 0)
            throw new IOException($"{folder}: cannot be opened to sync it (error {Marshal.GetLastPInvokeError()})");
        try
        {
            if (Native.Sync(handle) != 0)
                throw new IOException($"{folder}: cannot be synced (error {Marshal.GetLastPInvokeError()})");
        }
        finally
        {
            _ = Native.Close(handle);
        }
    }

    private sealed class AppendedFile(string path) : IAppendedFile
    {
        private readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

        public void Append(ReadOnlySpan<byte> bytes, bool sync)
        {
            _file.Write(bytes);
            _file.Flush(flushToDisk: sync);
        }

        public void Append(FrameInParts frame)
        {
            _file.Write(frame.Head);
            _file.Write(frame.Numbers);
            _file.Write(frame.Tail);
        }

        public void Dispose() => _file.Dispose();
    }

    private static class Native
    {
        [DllImport("libc", EntryPoint = "open", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Sync(int handle);

        [DllImport("libc", EntryPoint = "close", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Close(int handle);
    }
}
