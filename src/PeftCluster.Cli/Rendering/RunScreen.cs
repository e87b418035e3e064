using PeftCluster.Cli.Commands;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Data.Prepared;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;
using Spectre.Console;

namespace PeftCluster.Cli.Rendering;

/// <summary>What the user sees of a run: a live display on a terminal, plain lines elsewhere, nothing with --quiet.</summary>
internal abstract class RunScreen : IRunWatcher, IProgress<PreparationProgress>
{
    public static RunScreen For(Terminal terminal, bool quiet) => quiet
        ? new SilentScreen()
        : terminal.IsTerminal ? new LiveScreen(ConsoleOf(terminal)) : new PlainScreen(ConsoleOf(terminal));

    public static IAnsiConsole ConsoleOf(Terminal terminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal.IsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(terminal.Out),
        });
        console.Profile.Width = terminal.Width;
        return console;
    }

    public abstract void Opened(RunHeader header);

    public abstract void Hear(RunEvent happened);

    /// <summary>How far the preparation of the data is, before the run begins.</summary>
    public virtual void Report(PreparationProgress value)
    {
    }

    /// <summary>Shows the run while it goes on, then its summary.</summary>
    public abstract Task<RunOutcome> ShowAsync(Func<Task<RunOutcome>> run);

    /// <summary>Says something that is no event of the run: what a first Ctrl-C does.</summary>
    public abstract void Say(string line);

    public virtual void Dispose()
    {
    }
}

/// <summary>--quiet: errors only, and those come from elsewhere.</summary>
internal sealed class SilentScreen : RunScreen
{
    public override void Opened(RunHeader header)
    {
    }

    public override void Hear(RunEvent happened)
    {
    }

    public override Task<RunOutcome> ShowAsync(Func<Task<RunOutcome>> run) => run();

    public override void Say(string line)
    {
    }
}
