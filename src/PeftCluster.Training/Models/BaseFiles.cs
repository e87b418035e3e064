using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Training.Models;

/// <summary>
/// The files of a model folder that decide what is computed, and what tokens mean: weights, config.json, and what the tokenizer is read
/// from. Readme and licence are none of them.
/// </summary>
public static class BaseFiles
{
    private static readonly string[] Beside =
        ["config.json", "generation_config.json", "model.safetensors.index.json"];

    /// <summary>The folder's files by their content, in the order of their names.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="hashes">What is known of large files; each other one is read whole.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <exception cref="BadInputException">It has no weights, or they lie; or a file cannot be read.</exception>
    public static async Task<IReadOnlyList<LocalFile>> OfAsync(string folder, KnownHashes hashes, CancellationToken cancellation)
    {
        try
        {
            var weights = WeightFiles.Open(folder).Files.Select(path => Path.GetFileName(path)!);
            var names = weights.Concat(Beside.Where(name => File.Exists(Path.Combine(folder, name)))).Concat(TokenizerFolder.Files(folder)).ToList();
            if (weights.Contains(WeightFiles.Single))
                names.Remove(WeightFiles.Index); // Then nobody reads it.
            var files = new List<LocalFile>();
            foreach (var name in names.Order(StringComparer.Ordinal))
            {
                var path = Path.Combine(folder, name);
                var (sha256, bytes) = await hashes.OfAsync(path, cancellation);
                files.Add(new LocalFile(new DataFile(name, sha256, bytes), path));
            }
            return files;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{folder}: the model cannot be read: {unreadable.Message}", unreadable);
        }
    }

    /// <summary>What the files are as a base.</summary>
    public static BaseReference Reference(IEnumerable<LocalFile> files) => new([.. files.Select(one => one.File)]);
}
