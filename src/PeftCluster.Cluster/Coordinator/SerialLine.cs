namespace PeftCluster.Cluster.Coordinator;

/// <summary>Work that runs one after another, in the order in which it was posted, on the thread pool and never on the caller's thread.</summary>
internal sealed class SerialLine
{
    private readonly Lock _lock = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Posts work; it runs when all work before it has ended, well or not.</summary>
    public Task<T> Post<T>(Func<Task<T>> work)
    {
        lock (_lock)
        {
            var before = _last;
            var next = Task.Run(() => AfterAsync(before, work));
            _last = next;
            return next;
        }
    }

    public Task<T> Post<T>(Func<T> work) => Post(() => Task.FromResult(work()));

    private static async Task<T> AfterAsync<T>(Task before, Func<Task<T>> work)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await work();
    }
}
