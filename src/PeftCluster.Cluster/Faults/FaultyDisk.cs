using PeftCluster.Cluster.Persistence;
using PeftCluster.Steps.Journal;

namespace PeftCluster.Cluster.Faults;

/// <summary>A disk that is full, does not sync, tears a record or flips a bit where a fault is planted.</summary>
public sealed class FaultyDisk(IRunFiles inner, IFaultPoints faults) : IRunFiles
{
    public void MakeFolder(string folder) => inner.MakeFolder(folder);

    public IReadOnlyList<string> Names(string folder) => inner.Names(folder);

    public Stream Read(string path) => inner.Read(path);

    public IAppendedFile Create(string path) => new Appended(inner.Create(path), Path.GetFileName(path), faults);

    public void Write(string path, Action<Stream> write)
    {
        var planted = faults.Pass(FaultPoint.DiskWrite, of: Path.GetFileName(path));
        if (planted.Count == 0)
        {
            inner.Write(path, write);
            return;
        }
        using var content = new MemoryStream();
        write(content);
        foreach (var fault in planted)
            Strike(fault, path, content);
        inner.Write(path, stream => stream.Write(content.GetBuffer().AsSpan(0, (int)content.Length)));
    }

    public void Delete(string path) => inner.Delete(path);

    public void MakeEmptyFolder(string folder) => inner.MakeEmptyFolder(folder);

    public void ReplaceFolder(string folder, string by) => inner.ReplaceFolder(folder, by);

    public void MoveFolder(string folder, string to) => inner.MoveFolder(folder, to);

    public IDisposable? TryLock(string path) => inner.TryLock(path);

    private void Strike(Fault fault, string path, MemoryStream content)
    {
        switch (fault.Action)
        {
            case FaultAction.Hold: faults.HoldAsync(fault, CancellationToken.None).GetAwaiter().GetResult(); break;
            case FaultAction.Flip: content.GetBuffer()[content.Length * 3 / 4] ^= 1; break;
            case FaultAction.DiskFull:
                inner.Write(path + ".half", stream => stream.Write(content.GetBuffer().AsSpan(0, (int)content.Length / 2)));
                inner.Delete(path + ".half");
                throw new IOException($"No space left on device (planted): '{path}'");
            case FaultAction.FsyncFails: throw new IOException($"{path}: cannot be synced (planted)");
        }
    }

    private sealed class Appended(IAppendedFile inner, string name, IFaultPoints faults) : IAppendedFile
    {
        private int _appends;

        public void Append(ReadOnlySpan<byte> bytes, bool sync)
        {
            _appends++;
            foreach (var fault in faults.Pass(FaultPoint.DiskAppend, _appends, name))
                Strike(fault, bytes);
            inner.Append(bytes, sync);
            if (sync)
                foreach (var fault in faults.Pass(FaultPoint.DiskSync, _appends, name))
                    if (fault.Action == FaultAction.FsyncFails)
                        throw new IOException($"{name}: cannot be synced (planted)");
        }

        public void Append(FrameInParts frame)
        {
            _appends++;
            foreach (var fault in faults.Pass(FaultPoint.DiskAppend, _appends, name))
                Strike(fault, frame.ToArray());
            inner.Append(frame);
        }

        public void Dispose() => inner.Dispose();

        private void Strike(Fault fault, ReadOnlySpan<byte> bytes)
        {
            if (fault.Action is not (FaultAction.DiskFull or FaultAction.Tear))
                return;
            inner.Append(bytes[..(bytes.Length / 2)], sync: true);
            if (fault.Action == FaultAction.Tear)
                ProcessSignal.Kill(Environment.ProcessId);
            throw new IOException($"No space left on device (planted): '{name}'");
        }
    }
}
