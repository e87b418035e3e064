using System.Globalization;
using PeftCluster.Jobs;

namespace PeftCluster.Data.Tokenizers;

/// <summary>Reads the small files of a model folder whole; what stops that becomes the user's one line.</summary>
internal static class ModelFiles
{
    private const long MostBytes = 512L << 20;

    /// <summary>What a JSON file says, or nothing where there is none.</summary>
    public static T? ReadJson<T>(string file, Func<JsonPlace, T?> read) =>
        File.Exists(file) ? JsonPlace.Read(file, ReadAll(file), read) : default;

    public static byte[] ReadAll(string file)
    {
        try
        {
            var length = new FileInfo(file).Length;
            return length <= MostBytes
                ? File.ReadAllBytes(file)
                : throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{file}: {length:N0} bytes are more than the {MostBytes:N0} that such a file may have."));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{file}: cannot be read: {unreadable.Message}", unreadable);
        }
    }
}
