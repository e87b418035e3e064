using PeftCluster.Cluster.Persistence;
using PeftCluster.Steps.Journal;

namespace PeftCluster.Cluster.Tests;

/// <summary>A real disk that is full from some append on; half of the bytes still fit.</summary>
internal sealed class FaultyFiles(int fullAfterAppends) : IRunFiles
{
    private readonly DiskFiles _disk = new();
    private int _left = fullAfterAppends;

    public void MakeFolder(string folder) => _disk.MakeFolder(folder);

    public IReadOnlyList<string> Names(string folder) => _disk.Names(folder);

    public Stream Read(string path) => _disk.Read(path);

    public IAppendedFile Create(string path) => new Full(this, _disk.Create(path));

    public void Write(string path, Action<Stream> write) => _disk.Write(path, write);

    public void Delete(string path) => _disk.Delete(path);

    public void MakeEmptyFolder(string folder) => _disk.MakeEmptyFolder(folder);

    public void ReplaceFolder(string folder, string by) => _disk.ReplaceFolder(folder, by);

    public void MoveFolder(string folder, string to) => _disk.MoveFolder(folder, to);

    public IDisposable? TryLock(string path) => _disk.TryLock(path);

    private sealed class Full(FaultyFiles files, IAppendedFile inner) : IAppendedFile
    {
        public void Append(ReadOnlySpan<byte> bytes, bool sync)
        {
            var full = --files._left < 0;
            inner.Append(full ? bytes[..(bytes.Length / 2)] : bytes, sync);
            if (full)
                throw new IOException("No space left on device");
        }

        public void Append(FrameInParts frame) => Append(frame.ToArray(), sync: false);

        public void Dispose() => inner.Dispose();
    }
}
