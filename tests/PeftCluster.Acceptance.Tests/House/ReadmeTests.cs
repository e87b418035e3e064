using System.Text.RegularExpressions;

namespace PeftCluster.Acceptance.Tests.House;

/// <summary>What the documents point to must be there: a path in back quotes, a link, a file of the reading order.</summary>
public sealed partial class ReadmeTests
{
    public static TheoryData<string> Documents =>
        [.. Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md"))
            .Select(Repository.Relative)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_that_a_document_names_exists(string document)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        var text = File.ReadAllText(Path.Combine(Repository.Root, document));
        var missing = Paths().Matches(text).Select(match => match.Groups["path"].Value)
            .Concat(Links().Matches(text).Select(match => match.Groups["path"].Value))
            .Select(path => path.TrimEnd('/'))
            .Distinct()
            .Where(path => !Exists(Repository.Root, path) && !Exists(folder, path));

        Assert.Empty(missing);
    }

    [Fact]
    public void The_readme_starts_with_the_two_commands()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

        Assert.True(readme.IndexOf("dotnet run -c Release --project src/PeftCluster.Cli -- train examples/quickstart/job.yaml", StringComparison.Ordinal) is > 0 and < 1500);
        Assert.True(readme.IndexOf("dotnet test -c Release", StringComparison.Ordinal) is > 0 and < 1500);
    }

    private static bool Exists(string root, string path) =>
        Path.Exists(Path.Combine(root, path)) || (path.Contains('*') && Directory.Exists(Path.Combine(root, path[..path.IndexOf('*')])));

    /// <summary>Paths below the folders of the repository, wherever they stand: `src/…`, tests/…, docs/….</summary>
    [GeneratedRegex(@"(?<![\w/.])(?<path>(?:src|tests|docs|examples|cluster-config|bench|\.ci)/[\w.*\-/]*\w/?)")]
    private static partial Regex Paths();

    /// <summary>Links to files: [text](docs/x.md).</summary>
    [GeneratedRegex(@"\]\((?<path>[^)#:\s]+)\)")]
    private static partial Regex Links();
}
