using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Data.Tasks;

/// <summary>Tasks that everybody measures with, for the fields that their data sets have on the Hugging Face Hub. Their wording is this project's own.</summary>
public static class BuiltInTasks
{
    private const string Folder = "task/", Ending = ".yaml";

    /// <summary>Their names, in the order of the alphabet.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. typeof(BuiltInTasks).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Select(name => name[Folder.Length..^Ending.Length]).Order(StringComparer.Ordinal)];

    /// <summary>The task with all of its templates.</summary>
    /// <exception cref="BadInputException">There is none of this name.</exception>
    public static DataTask Of(string name)
    {
        if (!Names.Contains(name))
            throw new BadInputException($"data.task: no task {Formats.OneLine.Piece(name)} is built in.{Nearest.Hint(name, Names)} There are {string.Join(", ", Names)}; a task of your own is a file that ends in .yaml.");
        return TaskFile.Parse(TextOf(name), $"task {name}", name);
    }

    /// <summary>The file, to write a task of one's own from.</summary>
    public static string TextOf(string name)
    {
        using var stream = typeof(BuiltInTasks).Assembly.GetManifestResourceStream($"{Folder}{name}{Ending}") ?? throw new ArgumentException($"no task {name} is built in", nameof(name));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
