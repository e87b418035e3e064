using PeftCluster.Acceptance.Tests.House;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>Alone: <c>dotnet run</c> builds what has changed since, and the other tests' processes have those files open.</summary>
[CollectionDefinition(nameof(QuickstartTests), DisableParallelization = true)]
public sealed class QuickstartAlone;

/// <summary>The README's first command, word for word, and what the README says of its figures.</summary>
[Trait("Category", "Slow")]
[Collection(nameof(QuickstartTests))]
public sealed class QuickstartTests : IDisposable
{
    private const string Folder = "runs/quickstart";
    private readonly string _run = Path.Combine(Repository.Root, Folder);
    private readonly string _aside = Path.Combine(Repository.Root, $"{Folder}.aside-{Environment.ProcessId}");

    /// <summary>A run that the developer has there is put aside and comes back.</summary>
    public QuickstartTests()
    {
        if (Directory.Exists(_run))
            Directory.Move(_run, _aside);
    }

    [Fact]
    public async Task The_readmes_first_command_learns_what_the_readme_says()
    {
        var command = File.ReadLines(Path.Combine(Repository.Root, "README.md"))
            .First(line => line.StartsWith("dotnet run ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);

        var answer = (await Peft.RunAsync(Repository.Root, command[0], [.. command[1..], "--json"])).With(0);

        var figures = answer.Json.GetProperty("evaluation");
        foreach (var shots in (string[])["zero_shot", "one_shot", "few_shot"])
            Assert.InRange(figures.GetProperty(shots).GetProperty("exact_match").GetDouble(), 0, 0.2);
        Assert.InRange(figures.GetProperty("adapter").GetProperty("exact_match").GetDouble(), 0.9, 1);
        Assert.True(figures.GetProperty("few_shot").GetProperty("prompt_tokens").GetDouble() > 3 * figures.GetProperty("adapter").GetProperty("prompt_tokens").GetDouble());
        Assert.True(File.Exists(Path.Combine(_run, "report.html")));
    }

    [Fact]
    public async Task One_to_four_workers_train_the_same_quickstart()
    {
        var answer = await Peft.RunAsync(Repository.Root,
            "verify", "same-bits", "examples/quickstart/job.yaml", "--workers", "1,2,3,4", "--set", "training.max_steps=6", "--set", "evaluation.shots=[]", "--json");

        Assert.True(answer.With(0).Json.GetProperty("same").GetBoolean());
        Assert.Equal(4, answer.Json.GetProperty("hashes").EnumerateObject().Count());
    }

    public void Dispose()
    {
        if (Directory.Exists(_run))
            Directory.Delete(_run, recursive: true);
        if (Directory.Exists(_aside))
            Directory.Move(_aside, _run);
    }
}
