using PeftCluster.Cluster.Coordinator;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace PeftCluster.Server.Reports;

/// <summary>
/// The run's log file: what happened, a line each; steps only with --verbose. As a sink it also takes the cluster's lines,
/// and drops those that come before the run's folder is there.
/// </summary>
public sealed class RunLog(bool verbose) : IRunWatcher, ILogEventSink
{
    private volatile Serilog.Core.Logger? _log;

    private ILogger Log => _log ?? Serilog.Core.Logger.None;

    /// <summary>A logger that writes here once the run's folder is there.</summary>
    public ILogger Logger() => new LoggerConfiguration().MinimumLevel.Debug().WriteTo.Sink(this).CreateLogger();

    public void Emit(LogEvent logEvent) => Log.Write(logEvent);

    public void Opened(RunHeader header)
    {
        _log = LogFile.Open(header.Folder.Log, verbose);
        _log.Information("{Job} on {Address}: {Devices}, {NumericClass}", header.Job.Name, header.Node.Address, header.Node.Devices, header.Node.NumericClass);
    }

    public void Hear(RunEvent happened)
    {
        switch (happened)
        {
            case RunStarted started:
                Log.Information("run {Run} attempt {Attempt}: steps {First} to {Total}, {Method}, workers {Workers}",
                    started.RunId, started.Attempt, started.FirstStep, started.TotalSteps, started.Source.Method, started.Workers);
                break;
            case StepCommitted step:
                Log.Debug("step {Step}: loss {Loss}{Terms:l}, norm {Norm}, {Seconds} s, {Workers}", step.Step, step.Loss, string.Concat(LossTerm.Of(step).Select(term => FormattableString.Invariant($" {term.Sign} {term.Mean}"))), step.GradientNorm, step.Seconds, step.Workers);
                break;
            case EvaluationDone done:
                Log.Information("evaluated {Target} at version {Version}: {Metrics}", done.Target, done.Version, done.Metrics);
                break;
            case SnapshotWritten snapshot:
                Log.Information("snapshot of step {Step}: {Path}", snapshot.Step, snapshot.Path);
                break;
            case RunWarning warning:
                Log.Warning("{Text}", warning.Text);
                break;
            case RunEnded ended:
                Log.Information("{Phase} after {Steps} steps: {Reason} {Sha256}", ended.Phase, ended.Steps, ended.Reason, ended.AdapterSha256);
                break;
        }
    }

    public void Dispose() => _log?.Dispose();
}
