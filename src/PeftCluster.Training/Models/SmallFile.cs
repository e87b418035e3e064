using System.Globalization;
using PeftCluster.Jobs;

namespace PeftCluster.Training.Models;

/// <summary>Reads a file of settings whole, which no such file is too large for.</summary>
internal static class SmallFile
{
    private const long MostBytes = 64 << 20;

    /// <exception cref="BadInputException">It cannot be read, or is no file of settings by its size.</exception>
    public static byte[] ReadAll(string path)
    {
        try
        {
            var bytes = new FileInfo(path).Length;
            return bytes <= MostBytes
                ? File.ReadAllBytes(path)
                : throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{path}: {bytes:N0} bytes are more than the {MostBytes:N0} that such a file may have. Download or write the file again."));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read: {unreadable.Message}", unreadable);
        }
    }
}
