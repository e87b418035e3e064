using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Reflection;

namespace PeftCluster.Cli.Commands;

/// <summary>
/// The whole command line. Building it touches neither Akka nor libtorch, so that <c>peft --help</c> answers at once:
/// what a command needs is loaded when its action runs.
/// </summary>
internal static class CommandLine
{
    /// <summary>The product's version, without the commit behind the plus sign.</summary>
    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The version with its commit: nodes of one cluster have the same.</summary>
    public static string Build { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Parses the words, runs the command and returns the process's exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, Terminal terminal)
    {
        var parsed = Root(terminal).Parse(words);
        if (parsed.Action is ParseErrorAction)
            return Refuse(parsed, terminal);
        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        });
    }

    /// <summary>Whether some words start a command that loads libtorch.</summary>
    public static bool MayCompute(IReadOnlyList<string> words) => words is ["train" or "eval" or "compare" or "generate" or "merge" or "verify" or "node" or "bench", ..];

    /// <summary>What is wrong with some words; nothing is run.</summary>
    public static IReadOnlyList<string> ErrorsOf(IReadOnlyList<string> words) => [.. Root(Terminal.OfProcess()).Parse(words).Errors.Select(error => error.Message)];

    // Not a RootCommand: that one takes its name from the process, which is "dotnet" or a test host as often as "peft".
    private static Command Root(Terminal terminal)
    {
        var help = new HelpOption();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        var root = new Command("peft", "Fine-tune language models by training small adapters, on one machine or many, with the same bits from any number of workers.")
        {
            TrainCommand.Create(terminal),
            DataCommand.Create(terminal),
            EvalCommand.Create(terminal),
            CompareCommand.Create(terminal),
            GenerateCommand.Create(terminal),
            MergeCommand.Create(terminal),
            AdapterCommand.Create(terminal),
            MethodsCommand.Create(terminal),
            VerifyCommand.Create(terminal),
            NodeCommand.Create(terminal),
            ClusterCommand.Create(terminal),
            ChaosCommand.Create(terminal),
            BenchCommand.Create(terminal),
            DoctorCommand.Create(terminal),
            help,
            new VersionOption { Action = new VersionLine() },
        };
        root.SetAction(parsed => root.Parse("--help").Invoke(parsed.InvocationConfiguration));
        return root;
    }

    private static int Refuse(ParseResult parsed, Terminal terminal)
    {
        var reason = $"{ParseFault.Of(parsed)}. See {PathOf(parsed.CommandResult.Command)} --help.";
        terminal.Error.WriteLine(reason);
        if (parsed.Tokens.Any(token => token.Value == "--json"))
            terminal.Out.WriteLine(Ending.Failure(reason));
        return (int)ExitCode.BadInput;
    }

    /// <summary>A command with those above it: <c>peft bench step</c>.</summary>
    private static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : command.Name;

    private sealed class VersionLine : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"peft {Version}");
            return (int)ExitCode.Done;
        }
    }
}
