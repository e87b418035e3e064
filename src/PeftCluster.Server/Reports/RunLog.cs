using PeftCluster.Cluster.Coordinator;
using Serilog;
using Serilog.Core;

namespace PeftCluster.Server.Reports;

/// <summary>The run's log file: what happened, a line each; steps only with --verbose.</summary>
public sealed class RunLog(bool verbose) : IRunWatcher
{
    private Logger? _log;

    /// <summary>The log itself, for whoever composes the run; silent until the run's folder is there.</summary>
    public ILogger Log => _log ?? Logger.None;

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
                Log.Debug("step {Step}: loss {Loss}, norm {Norm}, {Seconds} s, {Workers}", step.Step, step.Loss, step.GradientNorm, step.Seconds, step.Workers);
                break;
            case EvaluationDone done:
                Log.Information("evaluated {Target}: {Metrics}", done.Target, done.Metrics);
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
