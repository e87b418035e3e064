using System.Threading.Channels;
using PeftCluster.Cluster.Coordinator;
using PeftCluster.Data.Prepared;
using PeftCluster.Server.Node;
using PeftCluster.Server.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace PeftCluster.Cli.Rendering;

/// <summary>
/// For a terminal: the header and what was measured stay, the line of the current step lives below them. Events only go
/// into a queue; one loop draws, at most ten times a second, so a slow terminal never slows a run.
/// </summary>
internal sealed class LiveScreen(IAnsiConsole console) : RunScreen
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Channel<object> _queue = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private RunHeader? _header;
    private RunProgress _progress = new();
    private PreparationProgress? _preparing;

    public override void Opened(RunHeader header) => _queue.Writer.TryWrite(header);

    public override void Hear(RunEvent happened) => _queue.Writer.TryWrite(happened);

    public override void Report(PreparationProgress value) => _queue.Writer.TryWrite(value);

    public override void Say(string line) => _queue.Writer.TryWrite(line);

    public override async Task<RunOutcome> ShowAsync(Func<Task<RunOutcome>> run)
    {
        var running = RunAsync(run);
        await console.Live(Text.Empty).AutoClear(true).Overflow(VerticalOverflow.Crop).StartAsync(DrawAsync);
        var outcome = await running;
        SummaryText.Write(console, outcome);
        return outcome;
    }

    private async Task<RunOutcome> RunAsync(Func<Task<RunOutcome>> run)
    {
        try
        {
            return await run();
        }
        finally
        {
            _queue.Writer.Complete();
        }
    }

    private async Task DrawAsync(LiveDisplayContext live)
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (_queue.Reader.TryRead(out var next))
            {
                foreach (var line in Take(next))
                    console.WriteLine(line);
            }
            live.UpdateTarget(Current());
            live.Refresh();
            await Task.Delay(Pause);
        }
    }

    private IEnumerable<string> Take(object next)
    {
        if (next is RunEvent happened)
            _progress = _progress.After(happened);
        switch (next)
        {
            case PreparationProgress preparing:
                _preparing = preparing;
                return [];
            case RunHeader header:
                (_header, _preparing) = (header, null);
                return [];
            case RunStarted started when _header is { } header:
                return [.. HeaderText.Lines(header, started), ""];
            case EvaluationDone done:
                return [ProgressText.Measured(done, _progress.Total)];
            case RunWarning warning:
                return [$"warning  {warning.Text}"];
            case string line:
                return [line];
            default:
                return [];
        }
    }

    private Rows Current() => new((_preparing is { } preparing ? [PreparationText.Live(preparing)] : ProgressText.Live(_progress, console.Profile.Width)).Select(line => (IRenderable)new Text(line) { Overflow = Spectre.Console.Overflow.Ellipsis }));
}
