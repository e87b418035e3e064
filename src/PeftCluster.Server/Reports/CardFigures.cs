using PeftCluster.Cluster.Coordinator;
using PeftCluster.Training.AdapterFiles;

namespace PeftCluster.Server.Reports;

/// <summary>Writes the adapter's model card again when the run is over, now with what was measured.</summary>
public sealed class CardFigures : IRunWatcher
{
    private RunHeader? _header;
    private RunStarted? _started;

    public void Opened(RunHeader header) => _header = header;

    public void Hear(RunEvent happened)
    {
        if (happened is RunStarted started)
            _started = started;
        if (happened is RunEnded { AdapterFolder: { } folder } ended && _header is { } header && _started is { Source: var source })
            ModelCard.Write(folder, header.Job, source.TrainedParameters, Figures(ended, RunHistory.Read(header.Folder.Metrics), source.Method));
    }

    public void Dispose() => _header = null;

    private static ModelCardFigures Figures(RunEnded ended, RunHistory history, string method) => new(
        ended.AdapterVersion ?? ended.Steps,
        ended.TrainLoss,
        [.. history.Evaluations.Select(one => new ModelCardMeasurement(
            one.Adapter ? method : $"base, {ShotName.Of(one.Shots)}", one.ExactMatch, one.Loss, one.PromptTokens))]);
}
