using PeftCluster.Cluster.Coordinator;
using PeftCluster.Data.Prepared;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;
using Spectre.Console;

namespace PeftCluster.Cli.Rendering;

/// <summary>For files and pipes: one line for each logged step, no colours, no bars, nothing that moves.</summary>
internal sealed class PlainScreen(IAnsiConsole console) : RunScreen
{
    private readonly Lock _writing = new();
    private RunHeader? _header;
    private RunProgress _progress = new();
    private PreparationProgress? _prepared;

    public override void Opened(RunHeader header) => _header = header;

    public override void Hear(RunEvent happened)
    {
        _progress = _progress.After(happened);
        switch (happened)
        {
            case RunStarted started when _header is { } header:
                foreach (var line in HeaderText.Lines(header, started))
                    Say(line);
                break;
            case EvaluationDone done:
                Say(ProgressText.Measured(done, _progress.Total));
                break;
            case StepCommitted step when IsLogged(step):
                Say(ProgressText.Plain(_progress, step));
                break;
            case RunWarning warning:
                Say($"warning  {warning.Text}");
                break;
        }
    }

    public override void Report(PreparationProgress value)
    {
        if (PreparationText.IsMilestone(_prepared, value))
            Say(PreparationText.Plain(value));
        _prepared = value;
    }

    public override async Task<RunOutcome> ShowAsync(Func<Task<RunOutcome>> run)
    {
        var outcome = await run();
        SummaryText.Write(console, outcome);
        return outcome;
    }

    public override void Say(string line)
    {
        lock (_writing)
        {
            console.Profile.Out.Writer.WriteLine(line);
            console.Profile.Out.Writer.Flush();
        }
    }

    private bool IsLogged(StepCommitted step) =>
        (step.Step + 1) % (_header?.Job.Training.LoggingSteps ?? 1) == 0 || step.Step + 1 == step.TotalSteps;
}
