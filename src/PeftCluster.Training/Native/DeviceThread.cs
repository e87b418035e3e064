using System.Collections.Concurrent;
using TorchSharp;

namespace PeftCluster.Training.Native;

/// <summary>
/// The one thread that computes for one device, and its first-in-first-out line of work. Torch keeps its thread count,
/// its dispose scopes and its gradient mode per thread, so all torch work of a worker happens here and none on the
/// .NET thread pool. The thread count is set once, before any other torch call of the thread.
/// </summary>
public sealed class DeviceThread : IAsyncDisposable
{
    private static readonly Lock ThreadCounts = new();

    private readonly BlockingCollection<Action> _line = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;

    /// <summary>Starts the thread and loads libtorch on it.</summary>
    /// <param name="device">The device that the thread's work is for.</param>
    /// <param name="threads">Threads inside one torch operation, the own one included.</param>
    public DeviceThread(ComputeDevice device, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        TorchLibrary.Load();
        Device = device;
        Threads = threads;
        _thread = new Thread(Work) { IsBackground = true, Name = $"torch {device}" };
        _thread.Start();
    }

    public ComputeDevice Device { get; }

    public int Threads { get; }

    /// <summary>Puts work at the end of the line. Its tensors die with it, unless it detaches them from the dispose scope.</summary>
    /// <param name="work">Runs on the thread; polls the token where it can stop.</param>
    /// <param name="cancellation">Work that has not begun is dropped; work that has begun decides itself.</param>
    public Task<T> RunAsync<T>(Func<CancellationToken, T> work, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(work);
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _line.Add(() => Run(work, done, cancellation), CancellationToken.None);
        return done.Task;
    }

    /// <summary>The same for work without a result.</summary>
    public Task RunAsync(Action<CancellationToken> work, CancellationToken cancellation) =>
        RunAsync(token =>
        {
            work(token);
            return true;
        }, cancellation);

    /// <summary>Finishes the work in line and ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        _line.CompleteAdding();
        await _ended.Task;
        _line.Dispose();
    }

    private static void Run<T>(Func<CancellationToken, T> work, TaskCompletionSource<T> done, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            done.SetCanceled(cancellation);
            return;
        }
        try
        {
            done.SetResult(InScope(work, cancellation));
        }
        catch (OperationCanceledException stopped) when (cancellation.IsCancellationRequested)
        {
            done.SetCanceled(stopped.CancellationToken);
        }
#pragma warning disable CA1031 // Whatever the work throws belongs to who asked for it; the thread lives on for the others.
        catch (Exception error)
#pragma warning restore CA1031
        {
            done.SetException(TorchError.Shorten(error));
        }
    }

    // The scope ends before the answer goes out: who has the answer may count on the tensors being gone.
    private static T InScope<T>(Func<CancellationToken, T> work, CancellationToken cancellation)
    {
        using var scope = torch.NewDisposeScope();
        return work(cancellation);
    }

    private void Work()
    {
        SetThreads();
        var heap = new NativeHeap();
        foreach (var work in _line.GetConsumingEnumerable())
        {
            work();
            heap.AfterWork();
        }
        _ended.SetResult();
    }

    // Setting also changes the count that another thread takes over at its first operation, unless that thread has asked
    // for its own before. So set and ask without another thread in between.
    private void SetThreads()
    {
        lock (ThreadCounts)
        {
            torch.set_num_threads(Threads);
            _ = torch.get_num_threads();
        }
    }
}
