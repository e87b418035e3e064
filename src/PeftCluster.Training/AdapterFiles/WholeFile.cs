namespace PeftCluster.Training.AdapterFiles;

/// <summary>
/// A file that is there whole or not at all: written beside its place, flushed to disk, renamed. A reader never sees a half,
/// and a killed writer leaves the old file as it was.
/// </summary>
internal static class WholeFile
{
    /// <summary>Writes a file, over an old one if there is one.</summary>
    /// <param name="path">The file's place.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(string path, Action<Stream> write)
    {
        var beside = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
