using PeftCluster.Jobs;

namespace PeftCluster.Training.AdapterFiles;

/// <summary>A folder that is there whole or not at all: written beside its place, renamed when it is finished, never over another one.</summary>
internal static class WholeFolder
{
    /// <summary>Says at once that a place is taken, before any work is done.</summary>
    /// <exception cref="BadInputException">Something is there.</exception>
    public static void RefuseTaken(string target)
    {
        if (Path.Exists(PlaceOf(target)))
            throw new BadInputException($"{target}: is there already. Name a folder that does not exist yet.");
    }

    /// <summary>Makes the folder; nothing is left behind where that fails.</summary>
    /// <param name="target">Its place.</param>
    /// <param name="write">Fills the existing folder that it is given.</param>
    /// <returns>Bytes of its files.</returns>
    public static long Write(string target, Action<string> write)
    {
        var place = PlaceOf(target);
        var beside = $"{place}.{Environment.ProcessId}.tmp";
        try
        {
            Directory.CreateDirectory(beside);
            write(beside);
            Directory.Move(beside, place);
            return new DirectoryInfo(place).GetFiles().Sum(file => file.Length);
        }
        catch
        {
            if (Directory.Exists(beside))
                Directory.Delete(beside, recursive: true);
            throw;
        }
    }

    private static string PlaceOf(string target) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
}
