using PeftCluster.Cli.Rendering;
using PeftCluster.Jobs;
using PeftCluster.Server.Reports;

namespace PeftCluster.Cli.Commands;

/// <summary>
/// How a command ends when it does not end well: a user's mistake is one line and exit code 2, anything else one line
/// with the place of the log, and exit code 1. A stack trace never reaches the screen.
/// </summary>
internal static class Ending
{
    public static int Of(Terminal terminal, bool json, Func<ExitCode> run) =>
        OfAsync(terminal, json, verbose: false, () => Task.FromResult(run())).GetAwaiter().GetResult();

    public static async Task<int> OfAsync(Terminal terminal, bool json, bool verbose, Func<Task<ExitCode>> run)
    {
        try
        {
            return (int)await run();
        }
        catch (BadInputException error)
        {
            if (verbose)
                LogFile.Append(LogFile.Default, error);
            return Say(terminal, json, error.Message, ExitCode.BadInput);
        }
        catch (OperationCanceledException)
        {
            return Say(terminal, json, "Cancelled.", ExitCode.Stopped);
        }
#pragma warning disable CA1031 // The last resort: whatever happened becomes one line, and the whole of it goes into the log.
        catch (Exception error)
#pragma warning restore CA1031
        {
            var log = LogFile.Append(LogFile.Default, error) ? $" The log has more: {LogFile.Default}" : "";
            return Say(terminal, json, $"{OneLine(error.Message)}{log}", ExitCode.Failed);
        }
    }

    private static int Say(Terminal terminal, bool json, string reason, ExitCode code)
    {
        terminal.Error.WriteLine(reason);
        if (json)
            terminal.Out.WriteLine(JsonLine.Of(new { Status = code == ExitCode.Stopped ? "cancelled" : "failed", Reason = reason }));
        return (int)code;
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();
}
