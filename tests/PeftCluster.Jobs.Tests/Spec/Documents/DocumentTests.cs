using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Tests.Spec.Documents;

/// <summary>
/// What is generated from the keys and committed is what they say now. With the environment variable
/// PEFTCLUSTER_UPDATE_SNAPSHOTS=1 the tests write the files instead of comparing them.
/// </summary>
public sealed class DocumentTests
{
    [Fact]
    public void The_committed_schema_is_the_generated_one() =>
        SameOrWritten("src/PeftCluster.Jobs/Spec/job.schema.json", JobSchema.Generate(DocComments.Of));

    [Fact]
    public void The_committed_table_of_keys_is_the_generated_one() => SameOrWritten("docs/job-file.md", KeyTable.Markdown());

    [Fact]
    public void The_embedded_schema_is_a_closed_object()
    {
        var schema = JsonNode.Parse(JobSchema.Json)!;

        Assert.False((bool)schema["additionalProperties"]!);
        Assert.Equal(["model", "data", "method"], schema["required"]!.AsArray().Select(key => (string?)key));
    }

    [Fact]
    public void Every_key_choice_and_method_is_described()
    {
        var keys = JobKeys.All().Select(key => key.Key).ToList();
        var silent = keys.Select(key => key.Property)
            .Concat<System.Reflection.MemberInfo>(keys.Select(key => key.Type).OfType<ChoiceType>().SelectMany(type => type.Choices.Select(choice => choice.Member)))
            .Concat(MethodRegistry.Records.Values)
            .Where(member => DocComments.Of(member).Length == 0)
            .Select(member => $"{member.DeclaringType?.Name}.{member.Name}");

        Assert.Empty(silent);
    }

    private static void SameOrWritten(string path, string text)
    {
        var file = Path.Combine(Root(AppContext.BaseDirectory), path);
        if (Environment.GetEnvironmentVariable("PEFTCLUSTER_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(file, text);
        Assert.True(File.Exists(file) && File.ReadAllText(file) == text,
            $"{path} is not what the keys say now. Run these tests once with PEFTCLUSTER_UPDATE_SNAPSHOTS=1, and read the difference.");
    }

    private static string Root(string folder) => File.Exists(Path.Combine(folder, "PeftCluster.sln"))
        ? folder
        : Root(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("the tests run outside the repository"));
}
