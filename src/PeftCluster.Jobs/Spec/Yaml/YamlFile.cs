using System.Text;

namespace PeftCluster.Jobs.Spec.Yaml;

/// <summary>The text of a YAML file: UTF-8, of a size that a person might have written.</summary>
internal static class YamlFile
{
    /// <summary>The most bytes of a file.</summary>
    public const int Largest = 1_000_000;

    /// <param name="path">The file.</param>
    /// <param name="kind">What it should be, for messages: "job", "task".</param>
    /// <exception cref="BadInputException">It cannot be read, is too large or is not UTF-8.</exception>
    public static string ReadText(string path, string kind)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[Largest + 1];
            var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count > Largest)
                throw new BadInputException($"{path}: larger than {Largest:N0} bytes, the most that a {kind} file may have. Is it one?");
            var start = bytes.AsSpan(0, count).StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.AsSpan(start..count));
        }
        catch (DecoderFallbackException error)
        {
            throw new BadInputException($"{path}: not UTF-8 text. Save it as UTF-8.", error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException($"{path}: no such file.", error);
        }
        catch (Exception error) when (error is UnauthorizedAccessException && Directory.Exists(path))
        {
            throw new BadInputException($"{path}: is a folder. Name the {kind} file in it, for example {Path.Combine(path, $"{kind}.yaml")}.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"{path}: cannot be read: {error.Message}", error);
        }
    }
}
