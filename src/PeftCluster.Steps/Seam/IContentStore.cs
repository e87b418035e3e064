namespace PeftCluster.Steps.Seam;

/// <summary>
/// Where files are found by what is in them: prepared data, base models, exported adapters. A file is named by the SHA-256 of its bytes, so whoever
/// gives it, it is the right one or it is refused.
/// </summary>
public interface IContentSource
{
    /// <summary>Brings a file to a path; a file that lies there is replaced. Nothing half lies there, whatever happens.</summary>
    /// <param name="sha256">64 hex digits, lower case.</param>
    /// <param name="path">A full path in a folder that exists.</param>
    /// <param name="cancellation">Ends it between chunks.</param>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">What came has another hash.</exception>
    /// <exception cref="IOException">It cannot be reached, or the path not be written.</exception>
    Task FetchAsync(string sha256, string path, CancellationToken cancellation);

    /// <summary>Says that this process has the file, for others that look for it. It may fail unseen: then they find it elsewhere.</summary>
    Task NoteAsync(string sha256, CancellationToken cancellation) => Task.CompletedTask;
}

/// <summary>What a process has of files that others may look for.</summary>
public interface IContentShelf
{
    /// <summary>Where a file lies, whole; null: it does not.</summary>
    string? Find(string sha256);
}

/// <summary>A source that files can be given to as well.</summary>
public interface IContentStore : IContentSource
{
    /// <summary>Whether the file is there.</summary>
    Task<bool> HasAsync(string sha256, CancellationToken cancellation);

    /// <summary>Gives a file, and answers its name. What is there already is not sent again.</summary>
    /// <exception cref="IOException">It cannot be read here, or not be kept there.</exception>
    Task<string> PutAsync(string path, CancellationToken cancellation);
}

/// <summary>A store of nothing: for a process whose files are all its own.</summary>
public sealed class NoContent : IContentSource
{
    public static NoContent Instance { get; } = new();

    public Task FetchAsync(string sha256, string path, CancellationToken cancellation) =>
        throw new FileNotFoundException($"content {sha256} is nowhere: this process has no store");
}
