using PeftCluster.Cluster.Coordinator;

namespace PeftCluster.Server.Reports;

/// <summary>
/// report.html: written when the run ends, however it ends. It is one file without a script and without an address of
/// anything elsewhere, so it opens on a plane and in ten years. The figures come from metrics.jsonl, attempts before
/// a resume included.
/// </summary>
public sealed class ReportPage : IRunWatcher
{
    private RunHeader? _header;
    private RunStarted? _started;

    public void Opened(RunHeader header) => _header = header;

    public void Hear(RunEvent happened)
    {
        if (happened is RunStarted started)
            _started = started;
        if (happened is RunEnded ended && _header is { } header && _started is { } source)
            PageHtml.Write(header.Folder.Report, ReportHtml.Of(header, source, ended, RunHistory.Read(header.Folder.Metrics)));
    }

    public void Dispose() => _header = null;
}
