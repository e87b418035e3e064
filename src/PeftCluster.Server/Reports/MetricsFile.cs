using System.Text;
using System.Text.Json;
using PeftCluster.Cluster.Coordinator;

namespace PeftCluster.Server.Reports;

/// <summary>
/// metrics.jsonl: one object a line for whatever happened, flushed at once, so that it can be followed while the run
/// goes on. A resumed run goes on in the same file: lines of steps that will be made again are cut first.
/// </summary>
public sealed class MetricsFile(TimeProvider time) : IRunWatcher
{
    private StreamWriter? _file;
    private string _path = "";

    public void Opened(RunHeader header) => _path = header.Folder.Metrics;

    public void Hear(RunEvent happened)
    {
        if (happened is RunStarted started)
            Start(started);
        if (MetricsLine.Of(happened, time.GetUtcNow()) is { } line)
            _file?.WriteLine(JsonSerializer.Serialize(line, MetricsLine.Json));
        if (happened is RunEnded)
            Dispose();
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private void Start(RunStarted started)
    {
        Dispose();
        var kept = started.Attempt > 1 && File.Exists(_path)
            ? File.ReadLines(_path).Where(line => MetricsLine.IsKept(line, started.FirstStep)).ToList()
            : [];
        _file = new StreamWriter(_path, append: false, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        foreach (var line in kept)
            _file.WriteLine(line);
    }
}
