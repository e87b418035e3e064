using System.Text.RegularExpressions;

namespace PeftCluster.Acceptance.Tests.House;

/// <summary>
/// The C# that the documents show is compiled: each block stands, word for word, in a source file of the example plugin or of the product, so
/// that neither can change without the other.
/// </summary>
public sealed partial class ContributingTests
{
    private static readonly string[] Shown = ["CONTRIBUTING.md", "docs/plugins.md"];

    public static TheoryData<string> Documents => [.. Shown];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Code_in_a_document_is_code_of_a_project_that_is_built(string document)
    {
        var blocks = Block().Matches(File.ReadAllText(Path.Combine(Repository.Root, document)).ReplaceLineEndings("\n")).Select(match => match.Groups[1].Value).ToList();
        var sources = Repository.Sources("examples/plugin").Append(Path.Combine(Repository.Root, "src/PeftCluster.Training/Peft/PeftMethods.cs"))
            .Select(path => File.ReadAllText(path).ReplaceLineEndings("\n")).ToList();

        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(sources, source => Lines(source).Contains(Lines(block), StringComparison.Ordinal)));
    }

    [Fact]
    public void The_worked_example_shows_all_of_a_method()
    {
        var page = Lines(File.ReadAllText(Path.Combine(Repository.Root, "CONTRIBUTING.md")));
        var classes = Repository.Sources("examples/plugin/Ssf").Select(path => Lines(TypeOf().Match(File.ReadAllText(path).ReplaceLineEndings("\n")).Value)).ToList();

        Assert.Equal(4, classes.Count);
        Assert.All(classes, one => Assert.Contains(one, page, StringComparison.Ordinal));
    }

    // A list in a document may be indented.
    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex(@"^ *```csharp\n(.*?)^ *```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^(public|internal) sealed.*", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex TypeOf();
}
