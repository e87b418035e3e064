using PeftCluster.Steps.Journal;

namespace PeftCluster.Cluster.Persistence;

/// <summary>
/// Every operation on files that a run makes, so that tests can plant faults: a full disk, a torn write, a lost rename. What a method has
/// done is on the disk when it returns, unless it says otherwise. Paths are full.
/// </summary>
public interface IRunFiles
{
    /// <summary>Makes a folder and those above it, where they are missing.</summary>
    void MakeFolder(string folder);

    /// <summary>Names of the files in a folder, sorted.</summary>
    IReadOnlyList<string> Names(string folder);

    /// <summary>Opens a file to read it from its start.</summary>
    Stream Read(string path);

    /// <summary>Makes a file that was not there; fails where it was.</summary>
    IAppendedFile Create(string path);

    /// <summary>Writes a file as a whole or not at all: temporary file, sync, rename, sync of the folder.</summary>
    void Write(string path, Action<Stream> write);

    /// <summary>Removes a file, if it is there.</summary>
    void Delete(string path);

    /// <summary>Makes an empty folder, in the place of whatever was there.</summary>
    void MakeEmptyFolder(string folder);

    /// <summary>Puts a folder in the place of another one, which goes.</summary>
    void ReplaceFolder(string folder, string by);

    /// <summary>Gives a folder another name, which is free.</summary>
    void MoveFolder(string folder, string to);

    /// <summary>Locks a file for this process until the answer is disposed; null where another holds it. The lock of a dead process is free.</summary>
    IDisposable? TryLock(string path);
}

/// <summary>A file that only grows.</summary>
public interface IAppendedFile : IDisposable
{
    /// <summary>Adds bytes at the end. Synced, they are on the disk when it returns; else they outlive the process, but perhaps not the power.</summary>
    void Append(ReadOnlySpan<byte> bytes, bool sync);

    /// <summary>Adds a frame at the end, from where its vector lies. Not synced.</summary>
    void Append(FrameInParts frame);
}
