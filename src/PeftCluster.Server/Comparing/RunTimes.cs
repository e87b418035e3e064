using PeftCluster.Cluster.Coordinator;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Comparing;

/// <summary>When a run began, took each measurement and ended: wall times of a comparison.</summary>
internal sealed class RunTimes(TimeProvider time) : IRunWatcher
{
    private readonly Dictionary<int, double> _ofShots = [];
    private long _began;
    private long _last;

    /// <summary>Seconds from the run's start to what it told last.</summary>
    public double Seconds => time.GetElapsedTime(_began, _last).TotalSeconds;

    /// <summary>Seconds that the base's measurement with so many examples took; of one that an earlier attempt took, 0.</summary>
    public double Of(int shots) => _ofShots.GetValueOrDefault(shots);

    public void Opened(RunHeader header)
    {
    }

    public void Hear(RunEvent happened)
    {
        var now = time.GetTimestamp();
        if (happened is RunStarted)
            _began = now;
        else if (happened is EvaluationDone { Target.Adapter: false } done)
            _ofShots[done.Target.Shots] = time.GetElapsedTime(_last, now).TotalSeconds;
        // Progress within a measurement is no end of one.
        if (happened is not EvaluationProgress)
            _last = now;
    }

    public void Dispose()
    {
    }
}
