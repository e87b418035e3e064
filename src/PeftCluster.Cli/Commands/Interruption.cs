using System.Runtime.InteropServices;

namespace PeftCluster.Cli.Commands;

/// <summary>
/// Ctrl-C and SIGTERM: the first one asks, the second one insists. Until somebody takes the first, it cancels
/// <see cref="Token"/>. A third one, or a second that nobody obeys in time, ends the process.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>What an insisted end may take; nothing that counts is lost, since what is committed is on disk.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly List<PosixSignalRegistration> _registrations;
    private Action? _first;
    private Action? _second;
    private int _count;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Heard),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Heard),
    ];

    /// <summary>Cancelled by the first interruption while nobody has said what else to do.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>From now on the first interruption does this, and the second that.</summary>
    public void Take(Action first, Action second)
    {
        (_first, _second) = (first, second);
        // One that came between the last look at the token and now must not get lost.
        if (_cancellation.IsCancellationRequested)
            first();
    }

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _cancellation.Dispose();
    }

    private void Heard(PosixSignalContext context)
    {
        context.Cancel = true;
        switch (Interlocked.Increment(ref _count))
        {
            case 1 when _first is { } ask:
                ask();
                break;
            case 1:
                _cancellation.Cancel();
                break;
            case 2:
                _second?.Invoke();
                _ = ExitAsync();
                break;
            default:
                Environment.Exit((int)ExitCode.Stopped);
                break;
        }
    }

    private static async Task ExitAsync()
    {
        await Task.Delay(Patience);
        Environment.Exit((int)ExitCode.Stopped);
    }
}
