using PeftCluster.Cli.Commands;

namespace PeftCluster.Cli.Tests.Commands;

/// <summary>Runs a command line inside the test's process and keeps what it wrote.</summary>
internal static class Shell
{
    public static async Task<Answer> RunAsync(params string[] words)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(words, new Terminal(output, error, IsTerminal: false, Width: 160));
        return new Answer(code, output.ToString(), error.ToString());
    }
}

internal sealed record Answer(int Code, string Out, string Error)
{
    public string LastLine => Out.TrimEnd().Split('\n')[^1];
}
