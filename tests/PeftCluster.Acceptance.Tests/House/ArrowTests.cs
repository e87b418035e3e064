using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PeftCluster.Acceptance.Tests.House;

/// <summary>
/// The arrows of the house point down only. What an assembly really uses is asked of its metadata; what it may use is
/// asked of its project file, since an unused reference leaves no trace in the metadata.
/// </summary>
public sealed partial class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Jobs"] = [],
        ["Steps"] = ["Jobs"],
        ["Data"] = ["Steps", "Jobs"],
        ["Training"] = ["Data", "Steps", "Jobs"],
        ["Cluster"] = ["Steps", "Jobs"],
        ["Server"] = ["Cluster", "Training", "Data", "Steps", "Jobs"],
        ["Cli"] = ["Server", "Cluster", "Training", "Data", "Steps", "Jobs"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_uses_only_the_projects_below_it(string project)
    {
        var above = References(project)
            .Where(name => name.StartsWith("PeftCluster.", StringComparison.Ordinal))
            .Select(name => name["PeftCluster.".Length..])
            .Except(Allowed[project]);

        Assert.Empty(above);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_file_names_only_the_projects_below_it(string project)
    {
        var file = XDocument.Load(Path.Combine(Repository.Root, "src", $"PeftCluster.{project}", $"PeftCluster.{project}.csproj"));
        var above = file.Descendants("ProjectReference")
            .Select(reference => ProjectName().Match((string)reference.Attribute("Include")!).Groups[1].Value)
            .Except(Allowed[project]);

        Assert.Empty(above);
    }

    [Fact]
    public void Every_project_of_the_product_has_its_place_in_this_test()
    {
        var projects = Directory.GetDirectories(Path.Combine(Repository.Root, "src"))
            .Select(folder => Path.GetFileName(folder)["PeftCluster.".Length..]);

        Assert.Equal(Allowed.Keys.Order(), projects.Order());
    }

    [Fact]
    public void Training_never_mentions_Akka() =>
        Assert.DoesNotContain(References("Training"), name => name.StartsWith("Akka", StringComparison.Ordinal));

    [Fact]
    public void Cluster_never_touches_a_tensor() =>
        Assert.DoesNotContain(References("Cluster"), name => name.StartsWith("TorchSharp", StringComparison.Ordinal));

    [Theory]
    [InlineData("Jobs")]
    [InlineData("Steps")]
    [InlineData("Data")]
    public void The_rooms_below_know_neither_Akka_nor_torch(string project) =>
        Assert.DoesNotContain(References(project), name =>
            name.StartsWith("Akka", StringComparison.Ordinal) || name.StartsWith("TorchSharp", StringComparison.Ordinal));

    [Fact]
    public void Models_do_not_know_adapters()
    {
        var lines = Repository.Sources("src/PeftCluster.Training/Models")
            .SelectMany(path => File.ReadLines(path).Select(line => (Path: Repository.Relative(path), Line: line)))
            .Where(line => line.Line.Contains("Training.Peft", StringComparison.Ordinal));

        Assert.Empty(lines);
    }

    [Fact]
    public void No_type_of_the_models_has_an_adapter_in_its_signatures()
    {
        var models = Assembly.Load("PeftCluster.Training").GetTypes()
            .Where(type => type.Namespace?.StartsWith("PeftCluster.Training.Models", StringComparison.Ordinal) == true)
            .ToList();
        var known = models
            .SelectMany(type => type.GetFields(Everything).Select(field => (type, field.FieldType))
                .Concat(type.GetMethods(Everything).SelectMany(method =>
                    method.GetParameters().Select(parameter => (type, parameter.ParameterType)).Append((type, method.ReturnType)))))
            .Where(pair => pair.Item2.Namespace?.StartsWith("PeftCluster.Training.Peft", StringComparison.Ordinal) == true);

        Assert.NotEmpty(models);
        Assert.Empty(known);
    }

    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static IEnumerable<string> References(string project) =>
        Assembly.Load(project == "Cli" ? "peft" : $"PeftCluster.{project}").GetReferencedAssemblies().Select(name => name.Name!);

    [GeneratedRegex(@"PeftCluster\.(\w+)\.csproj$")]
    private static partial Regex ProjectName();
}
