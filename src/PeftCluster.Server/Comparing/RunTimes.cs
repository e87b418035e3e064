using System.Text.Json;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Server.Reports;

namespace PeftCluster.Server.Comparing;

/// <summary>
/// Wall times of a run that has ended, for a comparison. They are read from the times in metrics.jsonl, so those of a run that was paused or killed and went on
/// have all of its attempts, and nothing of the pauses between them. A step says itself how long it took: on a cluster steps may be heard of late, and all at once.
/// </summary>
internal sealed class RunTimes : IRunWatcher
{
    private readonly Dictionary<int, double> _ofShots = [];
    private string _path = "";

    /// <summary>Seconds of all attempts together: of the steps that hold, and of all else between a start and an end.</summary>
    public double Seconds { get; private set; }

    /// <summary>Seconds that the base's measurement with so many examples took.</summary>
    public double Of(int shots) => _ofShots.GetValueOrDefault(shots);

    public void Opened(RunHeader header) => _path = header.Folder.Metrics;

    public void Hear(RunEvent happened)
    {
        if (happened is RunEnded)
            Read();
    }

    public void Dispose()
    {
    }

    private void Read()
    {
        DateTimeOffset last = default;
        foreach (var line in File.ReadLines(_path))
        {
            using var parsed = JsonDocument.Parse(line);
            var root = parsed.RootElement;
            var (name, now) = (root.GetProperty("event").GetString(), root.GetProperty("time").GetDateTimeOffset());
            var took = name switch
            {
                "start" => 0, // Before it lies the pause.
                "step" => root.GetProperty("seconds").GetDouble(),
                _ => Math.Max(0, (now - last).TotalSeconds),
            };
            if (name == "evaluation" && root.GetProperty("target").GetString() == "base")
                _ofShots[root.GetProperty("shots").GetInt32()] = took;
            (Seconds, last) = (Seconds + took, now);
        }
    }
}
