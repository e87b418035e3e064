namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// The deadline of one exchange: not of the whole, since a large vector over a slow line takes its time, but of each piece. Its token is
/// cancelled by the caller, or when nothing has moved for too long.
/// </summary>
internal sealed class ProgressWatch : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationToken _caller;
    private readonly TimeSpan _limit;

    public ProgressWatch(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        (_limit, _caller) = (limit, caller);
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _registration = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Whether the caller gave up, and not the deadline.</summary>
    public bool IsCancelled => _caller.IsCancellationRequested;

    public string Expired => $"nothing moved for {_limit.TotalSeconds:0.#} s";

    /// <summary>Something moved: the next piece has the whole time again.</summary>
    public void Progress() => _source.CancelAfter(_limit);

    /// <summary>Nothing is due: the other end may be silent for as long as it likes.</summary>
    public void Rest() => _source.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
