using System.Globalization;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace PeftCluster.Server.Reports;

/// <summary>
/// The log by Serilog: one in each run's folder, and one for what goes wrong before there is a run. Causes and stack traces
/// go here and nowhere else.
/// </summary>
public static class LogFile
{
    private const string Template = "{Timestamp:yyyy-MM-ddTHH:mm:ss.fffzzz} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>The file for what goes wrong before there is a run: in $PEFTCLUSTER_HOME, else in ~/.cache/peftcluster.</summary>
    public static string Default
    {
        get
        {
            var home = Environment.GetEnvironmentVariable("PEFTCLUSTER_HOME");
            return string.IsNullOrEmpty(home)
                ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "peftcluster", "peft.log")
                : Path.Combine(home, "peft.log");
        }
    }

    /// <summary>Opens a log; with <paramref name="verbose"/> it also gets debug lines and the causes of user's mistakes.</summary>
    public static Logger Open(string path, bool verbose) => new LoggerConfiguration()
        .MinimumLevel.Is(verbose ? LogEventLevel.Debug : LogEventLevel.Information)
        .WriteTo.File(path, outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture, shared: true)
        .CreateLogger();

    /// <summary>Writes an error with its causes. False where no file can be written: a log never makes things worse.</summary>
    public static bool Append(string path, Exception error)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.AppendAllText(path, "");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        using var log = Open(path, verbose: true);
        log.Error(error, "{Reason}", error.Message);
        return true;
    }
}
