using PeftCluster.Cluster.Coordinator;
using PeftCluster.Training.Native;
using TorchSharp;
using TorchSharp.Modules;

namespace PeftCluster.Server.Reports;

/// <summary>
/// Event files that TensorBoard reads, by TorchSharp's writer. Unusual: its checksums are native code, so libtorch is
/// loaded first. Each attempt writes a file of its own, which is how TensorBoard wants a restart.
/// </summary>
public sealed class TensorBoardEvents : IRunWatcher
{
    private string _folder = "";
    private SummaryWriter? _writer;

    public void Opened(RunHeader header) => _folder = header.Folder.TensorBoard;

    public void Hear(RunEvent happened)
    {
        switch (happened)
        {
            case RunStarted:
                TorchLibrary.Load();
                _writer = torch.utils.tensorboard.SummaryWriter(_folder, createRunName: false);
                break;
            case StepCommitted step:
                Add("train/loss", step.Loss, step.Step + 1);
                if (step.AdapterLoss != 0)
                    Add("train/adapter_loss", step.AdapterLoss, step.Step + 1);
                foreach (var term in LossTerm.Of(step))
                    Add($"train/{term.Key}", term.Mean, step.Step + 1);
                Add("train/learning_rate", step.LearningRate, step.Step + 1);
                Add("train/grad_norm", step.GradientNorm, step.Step + 1);
                Add("train/tokens_per_second", step.Tokens / step.Seconds, step.Step + 1);
                _lastStep = step.Step + 1;
                break;
            case EvaluationDone { Target: var target, Metrics: var metrics, Version: var version }:
                var name = target.Adapter ? "adapter" : $"base_{target.Shots}_shot";
                Add($"eval/{name}/loss", metrics.Loss, version ?? _lastStep);
                Add($"eval/{name}/exact_match", metrics.ExactMatch, version ?? _lastStep);
                if (metrics.Choices is { } choices)
                    Add($"eval/{name}/macro_f1", choices.MacroF1, version ?? _lastStep);
                foreach (var score in metrics.Scores ?? [])
                    Add($"eval/{name}/{score.Metric}", score.Value, version ?? _lastStep);
                break;
        }
    }

    public void Dispose() => _writer = null;

    private int _lastStep;

    private void Add(string tag, double value, int step) => _writer?.add_scalar(tag, (float)value, step);
}
