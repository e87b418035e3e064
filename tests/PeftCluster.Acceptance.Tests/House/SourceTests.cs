using System.Text.RegularExpressions;

namespace PeftCluster.Acceptance.Tests.House;

/// <summary>Rules about files that no analyzer knows: their length, their names, their folders.</summary>
public sealed partial class SourceTests
{
    private static readonly string[] Folders = ["src", "tests", "examples"];

    private static IEnumerable<string> All => Folders.SelectMany(Repository.Sources);

    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        var long_ = All.Select(path => (Path: Repository.Relative(path), Lines: File.ReadLines(path).Count()))
            .Where(file => file.Lines > 400);

        Assert.Empty(long_);
    }

    [Fact]
    public void No_file_is_called_by_a_word_that_says_nothing()
    {
        var vague = All.Select(Repository.Relative).Where(path => VagueName().IsMatch(Path.GetFileNameWithoutExtension(path)));

        Assert.Empty(vague);
    }

    [Fact]
    public void A_namespace_is_the_path_of_its_folder()
    {
        var elsewhere = Repository.Sources("src")
            .Select(path => (Path: Repository.Relative(path), Namespace: NamespaceLine().Match(File.ReadAllText(path)).Groups[1].Value))
            .Where(file => file.Namespace.Length > 0)
            .Where(file => file.Namespace != Path.GetDirectoryName(file.Path)!["src/".Length..].Replace('/', '.'));

        Assert.Empty(elsewhere);
    }

    [Fact]
    public void Every_source_file_of_the_product_opens_by_saying_what_it_is()
    {
        var silent = Repository.Sources("src")
            .Where(path => Path.GetFileName(path) != "Program.cs")
            .Where(path => !File.ReadAllText(path).Contains("/// <summary>", StringComparison.Ordinal))
            .Select(Repository.Relative);

        Assert.Empty(silent);
    }

    [Fact]
    public void Every_version_of_a_package_stands_in_the_central_file()
    {
        var own = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => File.ReadAllText(path).Contains("Version=\"", StringComparison.Ordinal))
            .Select(Repository.Relative);

        Assert.Empty(own);
    }

    [GeneratedRegex("(Manager|Helper|Helpers|Util|Utils|Utility|Common|Misc)$")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
