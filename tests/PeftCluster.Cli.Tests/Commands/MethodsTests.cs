using System.Text.Json;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Cli.Tests.Commands;

/// <summary><c>peft methods</c> by its own words.</summary>
public sealed class MethodsTests
{
    [Fact]
    public async Task Every_method_is_a_line_with_its_rate_and_its_paper()
    {
        var lines = (await Shell.RunAsync("methods")).Out.TrimEnd().Split('\n');

        Assert.Equal(MethodRegistry.Records.Keys, lines.Skip(1).Select(line => line.Split(' ')[0]));
        var lora = Assert.Single(lines, line => line.StartsWith("lora ", StringComparison.Ordinal));
        Assert.Contains("2.0e-4  Low-rank adaptation (Hu et al., arXiv 2106.09685)", lora, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_model_what_each_would_train_is_counted_from_its_configuration()
    {
        var answer = await Shell.RunAsync("methods", "--model", Config("llama-512x8.json"), "--json");

        var methods = JsonDocument.Parse(answer.LastLine).RootElement.GetProperty("methods").EnumerateArray().ToDictionary(method => method.GetProperty("type").GetString()!);
        // 8 layers; q gives 512 numbers and v 256; A and B of rank 8.
        Assert.Equal(8 * 8 * (512 + 512 + 512 + 256), methods["lora"].GetProperty("trained").GetInt64());
        Assert.InRange(methods["lora"].GetProperty("share").GetDouble(), 0.0001, 0.1);
        Assert.All(methods.Values, method => Assert.NotEqual(method.GetProperty("trained").ValueKind == JsonValueKind.Null, method.GetProperty("misfit").ValueKind == JsonValueKind.Null));
    }

    [Fact]
    public async Task A_model_that_is_not_there_is_one_line_and_exit_code_2()
    {
        var answer = await Shell.RunAsync("methods", "--model", "nowhere/model");

        Assert.Equal(2, answer.Code);
        Assert.Contains("nowhere/model", Assert.Single(answer.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    private static string Config(string name)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "PeftCluster.sln")))
            root = root.Parent ?? throw new InvalidOperationException("the tests do not run inside the repository");
        return Path.Combine(root.FullName, "bench", "configs", name);
    }
}
