using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Event;
using Serilog.Events;
using LogEvent = Akka.Event.LogEvent;

namespace PeftCluster.Cluster.Node;

/// <summary>Hands Akka's log to Serilog, with the source of each line. (Akka needs the constructor without arguments; the logger comes in a setup.)</summary>
internal sealed class SerilogLogger : ReceiveActor
{
    public SerilogLogger()
    {
        var logger = Context.System.Settings.Setup.Get<SerilogSetup>() is { HasValue: true } setup ? setup.Value.Logger : Serilog.Log.Logger;
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(line => logger
            .ForContext("SourceContext", line.LogClass?.FullName ?? "Akka")
            .ForContext("LogSource", line.LogSource)
            .Write(LevelOf(line.LogLevel()), line.Cause, "{Text:l}", line.Message?.ToString() ?? ""));
    }

    private static LogEventLevel LevelOf(LogLevel level) => level switch
    {
        LogLevel.DebugLevel => LogEventLevel.Debug,
        LogLevel.InfoLevel => LogEventLevel.Information,
        LogLevel.WarningLevel => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };
}

/// <summary>Carries the logger into the actor system.</summary>
internal sealed class SerilogSetup(Serilog.ILogger logger) : Setup
{
    public Serilog.ILogger Logger => logger;
}
