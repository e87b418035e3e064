using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace PeftCluster.Cli.Commands;

/// <summary>The library's help, followed by commands that a reader can copy.</summary>
internal sealed class HelpWithExamples(HelpAction standard) : SynchronousCommandLineAction
{
    /// <summary>Wide enough for a sentence, whatever the terminal: help reads the same everywhere.</summary>
    private const int Columns = 110;

    /// <summary>By the command's name.</summary>
    private static readonly Dictionary<string, string[]> Examples = new()
    {
        ["doctor"] = ["peft doctor", "peft doctor --json"],
    };

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        standard.MaxWidth = Columns;
        var code = standard.Invoke(parseResult);
        if (!Examples.TryGetValue(parseResult.CommandResult.Command.Name, out var examples))
            return code;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in examples)
            output.WriteLine($"  {example}");
        output.WriteLine();
        return code;
    }
}
