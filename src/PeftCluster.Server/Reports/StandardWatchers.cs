namespace PeftCluster.Server.Reports;

/// <summary>Whoever writes a run's folder, in the order in which they need each other: the report and the card read metrics.jsonl.</summary>
public static class StandardWatchers
{
    public static RunWatchers With(RunLog log, TimeProvider time, params IEnumerable<IRunWatcher> others) =>
        new([log, new JobCopy(), new MetricsFile(time), new TensorBoardEvents(), new CardFigures(), new ReportPage(), .. others]);
}
