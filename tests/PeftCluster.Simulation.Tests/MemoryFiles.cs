using PeftCluster.Cluster.Persistence;
using PeftCluster.Steps.Journal;

namespace PeftCluster.Simulation.Tests;

/// <summary>
/// A run's folder in memory. What a method has done stays when the run's process is killed; locks of the dead are free. Some writes fail: half
/// of what is appended lies there then, and nothing of a whole file.
/// </summary>
/// <param name="failingWrites">Which ones, counted from 1.</param>
internal sealed class MemoryFiles(IReadOnlyList<int> failingWrites) : IRunFiles
{
    private int _writes;

    /// <summary>Writes that have failed.</summary>
    public int Failed { get; private set; }

    private readonly Dictionary<string, byte[]> _files = [];

    public void MakeFolder(string folder)
    {
    }

    public IReadOnlyList<string> Names(string folder) =>
        [.. _files.Keys.Where(path => Path.GetDirectoryName(path) == folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public Stream Read(string path) => new MemoryStream(_files[path], writable: false);

    public IAppendedFile Create(string path)
    {
        _files.Add(path, []);
        return new Appended(this, path);
    }

    public void Write(string path, Action<Stream> write)
    {
        // The owner's line is written before there is a run that could end of it.
        if (!path.EndsWith(".owner.json", StringComparison.Ordinal) && Fails())
            throw new IOException("No space left on device");
        using var stream = new MemoryStream();
        write(stream);
        _files[path] = stream.ToArray();
    }

    public void Delete(string path) => _files.Remove(path);

    public void MakeEmptyFolder(string folder)
    {
    }

    public void ReplaceFolder(string folder, string by)
    {
    }

    public void MoveFolder(string folder, string to)
    {
        foreach (var path in _files.Keys.Where(path => path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)).ToArray())
        {
            _files[to + path[folder.Length..]] = _files[path];
            _files.Remove(path);
        }
    }

    public IDisposable? TryLock(string path) => new MemoryStream();

    private bool Fails()
    {
        if (!failingWrites.Contains(++_writes))
            return false;
        Failed++;
        return true;
    }

    private sealed class Appended(MemoryFiles files, string path) : IAppendedFile
    {
        public void Append(ReadOnlySpan<byte> bytes, bool sync)
        {
            var fails = files.Fails();
            files._files[path] = [.. files._files[path], .. fails ? bytes[..(bytes.Length / 2)] : bytes];
            if (fails)
                throw new IOException("No space left on device");
        }

        public void Append(FrameInParts frame) => Append(frame.ToArray(), sync: false);

        public void Dispose()
        {
        }
    }
}
