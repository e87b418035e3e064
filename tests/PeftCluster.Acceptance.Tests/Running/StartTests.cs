using PeftCluster.Acceptance.Tests.House;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>What a start loads: help and version touch neither libtorch nor Akka, so they answer at once.</summary>
[Trait("Category", "Slow")]
public sealed class StartTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("train --help")]
    [InlineData("--version")]
    public async Task Help_loads_neither_torch_nor_akka(string words)
    {
        var list = Path.GetTempFileName();
        var environment = new Dictionary<string, string>
        {
            ["DOTNET_STARTUP_HOOKS"] = typeof(StartTests).Assembly.Location,
            [StartupHook.Variable] = list,
        };

        (await Peft.RunAsync(Path.GetTempPath(), "dotnet", [Peft.Dll, .. words.Split(' ')], environment)).With(0);

        var loaded = await File.ReadAllLinesAsync(list, TestContext.Current.CancellationToken);
        File.Delete(list);
        Assert.Contains("peft", loaded);
        Assert.DoesNotContain(loaded, name => name.StartsWith("TorchSharp", StringComparison.Ordinal) || name.StartsWith("Akka", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_that_computes_runs_with_the_heap_settings_that_only_a_process_start_takes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "glibc's settings");
        using var peft = Peft.Start(Path.GetTempPath(), "bench", "step", "--config", Path.Combine(Repository.Root, "examples", "quickstart", "base", "config.json"));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        // The last of them: glibc has put zeros between them.
        while (!(await peft.EnvironmentAsync()).Contains("glibc.malloc.mxfast=0", StringComparison.Ordinal))
            await Task.Delay(20, limit.Token);
        Assert.Contains("DOTNET_GCGen0MaxBudget=400000", await peft.EnvironmentAsync(), StringComparison.Ordinal);
        (await peft.EndAsync()).With(0);
    }

    /// <summary>Such a command starts twice as one process, and the first start opens a socket for dotnet-trace and its like.</summary>
    [Fact]
    public async Task A_command_that_computes_leaves_nothing_in_the_temporary_folder()
    {
        var temporary = Directory.CreateTempSubdirectory("peftcluster-start-");
        using var peft = Peft.StartWith(new Dictionary<string, string> { ["TMPDIR"] = temporary.FullName, ["DOTNET_EnableDiagnostics"] = "1" }, temporary.FullName, "generate", "--model", "nowhere", "--prompt", "a");

        (await peft.EndAsync()).With(2);

        Assert.Empty(temporary.EnumerateFileSystemInfos());
        temporary.Delete();
    }
}
