using System.Text.Encodings.Web;
using System.Text.Json;
using PeftCluster.Jobs;

namespace PeftCluster.Server.Comparing;

/// <summary>
/// results.jsonl of a comparison: what is done, a line for each arm and seed, on disk before the next job begins. A line that a crash cut short counts as not
/// there, and its job is made again.
/// </summary>
internal sealed class ResultStore
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _path;
    private readonly List<ArmResult> _results;

    private ResultStore(string path, List<ArmResult> results) => (_path, _results) = (path, results);

    /// <summary>What an earlier comparison left in a folder; nothing where there was none.</summary>
    /// <exception cref="BadInputException">The folder cannot be used.</exception>
    public static ResultStore Open(string folder)
    {
        var path = Path.Combine(folder, "results.jsonl");
        try
        {
            Directory.CreateDirectory(folder);
            var whole = File.Exists(path) ? File.ReadAllLines(path).Select(Read).OfType<ArmResult>().ToList() : [];
            // Written anew: behind a line that was cut nothing can be added.
            File.WriteAllLines(path, whole.Select(Line));
            return new ResultStore(path, whole);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{folder}: cannot be written ({unusable.Message.TrimEnd('.')}). Choose another output.folder.", unusable);
        }
    }

    /// <summary>The results of a job, if they are there.</summary>
    public IReadOnlyList<ArmResult> Of(string identity) => [.. _results.Where(result => result.Identity == identity)];

    /// <summary>Adds what a job gave, down to the disk.</summary>
    public void Add(IReadOnlyList<ArmResult> results)
    {
        using (var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(string.Concat(results.Select(result => Line(result) + "\n"))));
            file.Flush(flushToDisk: true);
        }
        _results.AddRange(results);
    }

    private static string Line(ArmResult result) => JsonSerializer.Serialize(result, Json);

    private static ArmResult? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<ArmResult>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
