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
}
