using PeftCluster.Cli.Rendering;
using PeftCluster.Jobs;
using PeftCluster.Server.Reports;

namespace PeftCluster.Cli.Commands;

/// <summary>
/// How a command ends when it does not end well: a user's mistake is one line and exit code 2, anything else one line
/// with the place of the log, and exit code 1. A stack trace never reaches the screen.
/// </summary>
/// <param name="terminal">Where the line goes.</param>
/// <param name="json">Whether the last line of standard output is an object here too.</param>
/// <param name="verbose">Whether the causes of a user's mistake go into the log.</param>
internal sealed class Ending(Terminal terminal, bool json, bool verbose)
{
    /// <summary>Where causes go: the run's own log as soon as there is one.</summary>
    public string Log { get; set; } = LogFile.Default;

    /// <summary>What an interrupted command says.</summary>
    public string Stopped { get; init; } = "cancelled";

    public async Task<int> OfAsync(Func<Task<ExitCode>> run)
    {
        try
        {
            return (int)await run();
        }
        catch (BadInputException error)
        {
            if (verbose)
                LogFile.Append(Log, error);
            return Say(error.Message, ExitCode.BadInput);
        }
        catch (OperationCanceledException)
        {
            return Say(Stopped, ExitCode.Stopped);
        }
#pragma warning disable CA1031 // The last resort: whatever happened becomes one line, and the whole of it goes into the log.
        catch (Exception error)
#pragma warning restore CA1031
        {
            var log = LogFile.Append(Log, error) ? $" The log has more: {Log}" : "";
            return Say($"{error.Message.ReplaceLineEndings(" ").Trim()}{log}", ExitCode.Failed);
        }
    }

    private int Say(string reason, ExitCode code)
    {
        terminal.Error.WriteLine(reason);
        if (json)
            terminal.Out.WriteLine(Failure(reason, code));
        return (int)code;
    }

    /// <summary>The object that --json ends with when a command does not end well.</summary>
    public static string Failure(string reason, ExitCode code = ExitCode.BadInput) => JsonLine.Of(new { Status = code == ExitCode.Stopped ? "cancelled" : "failed", Reason = reason });
}
