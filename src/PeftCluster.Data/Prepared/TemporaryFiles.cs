using System.Diagnostics;
using System.Globalization;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// The names of files that are being written: machine, process, a word that the process drew when it started, and a number. By its name a file is known
/// that a killed process left behind. Numbers of processes come again (in a container it is always 1); the word does not.
/// </summary>
internal static class TemporaryFiles
{
    private static readonly string _self = Guid.NewGuid().ToString("N")[..8];

    private static int _count;

    public static string NewName() => string.Create(CultureInfo.InvariantCulture,
        $"{Environment.MachineName}-{Environment.ProcessId}-{_self}-{Interlocked.Increment(ref _count)}");

    /// <summary>
    /// Deletes what dead processes of this machine left in a folder. A file that somebody holds open stays whatever its name says: two containers may
    /// have one machine name and not see each other's processes.
    /// </summary>
    public static void RemoveOld(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, $"{Environment.MachineName}-*"))
        {
            if (WriterOf(Path.GetFileName(path)) is var (process, word) && !IsAlive(process, word))
                Remove(path);
        }
    }

    private static (int Process, string Word)? WriterOf(string name) =>
        name[(Environment.MachineName.Length + 1)..].Split('-') is [var process, var word, _] && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (number, word)
            : null;

    private static bool IsAlive(int process, string word)
    {
        if (process == Environment.ProcessId)
            return word == _self;
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (Exception hidden) when (hidden is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return true; // It is there, and not ours to look at.
        }
    }

    private static void Remove(string path)
    {
        try
        {
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception inUse) when (inUse is IOException or UnauthorizedAccessException)
        {
            // Somebody writes it, or was quicker.
        }
    }
}
