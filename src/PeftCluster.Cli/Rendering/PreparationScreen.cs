using PeftCluster.Cli.Commands;
using PeftCluster.Data.Prepared;
using Spectre.Console;

namespace PeftCluster.Cli.Rendering;

/// <summary>
/// What is seen while a command prepares data: a bar on a terminal, which goes away when it is done, and a line now and then elsewhere. Whoever prepares
/// only leaves the latest word; a loop draws it, so a slow terminal slows nothing.
/// </summary>
internal static class PreparationScreen
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task<T> ShowAsync<T>(Terminal terminal, Func<IProgress<PreparationProgress>, Task<T>> run)
    {
        if (!terminal.IsTerminal)
            return await run(new Lines(terminal.Out));
        var latest = new Latest();
        var running = run(latest);
        await RunScreen.ConsoleOf(terminal).Live(Text.Empty).AutoClear(true).StartAsync(async live =>
        {
            while (await Task.WhenAny(running, Task.Delay(Pause)) != running)
            {
                if (latest.Word is { } word)
                    live.UpdateTarget(new Text(PreparationText.Live(word)) { Overflow = Overflow.Ellipsis });
                live.Refresh();
            }
        });
        return await running;
    }

    private sealed class Latest : IProgress<PreparationProgress>
    {
        private volatile PreparationProgress? _word;

        public PreparationProgress? Word => _word;

        public void Report(PreparationProgress value) => _word = value;
    }

    private sealed class Lines(TextWriter output) : IProgress<PreparationProgress>
    {
        private PreparationProgress? _before;

        public void Report(PreparationProgress value)
        {
            if (PreparationText.IsMilestone(_before, value))
                output.WriteLine(PreparationText.Plain(value));
            _before = value;
        }
    }
}
