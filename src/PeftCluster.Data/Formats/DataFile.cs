using PeftCluster.Jobs;

namespace PeftCluster.Data.Formats;

/// <summary>Opens a data file; what stops that becomes the user's one line.</summary>
internal static class DataFile
{
    /// <exception cref="BadInputException">No such file, a folder, or no right to read it.</exception>
    public static FileStream Open(string path)
    {
        if (Directory.Exists(path))
            throw new BadInputException($"{path}: is a folder. Name a data file.");
        if (!File.Exists(path))
            throw new BadInputException($"{path}: no such file. data.train and data.eval name files with rows.");
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, unreadable);
        }
    }

    public static BadInputException Unreadable(string path, Exception cause) => new($"{path}: cannot be read: {cause.Message}", cause);
}
