using System.Collections.Concurrent;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// The way to one endpoint: connections that are kept and used again, one request at a time on each. A request whose connection is lost begins anew on another
/// one, which harms nothing, since all of them may be repeated; after <see cref="SocketLinkOptions.Patience"/> it fails.
/// </summary>
internal sealed class RemoteLink : ICoordinatorLink, IDisposable
{
    private readonly SocketLinkOptions _options;
    private readonly ConcurrentStack<ByteConnection> _idle = [];
    private readonly CancellationTokenSource _closing = new();

    public RemoteLink(Dialer dialer, SocketLinkOptions options)
    {
        (Dialer, _options) = (dialer, options);
        Vectors = new RemoteVectors(this);
        Files = new RemoteContent(this);
    }

    public IWorkerVectors Vectors { get; }

    public IContentStore Content => Files;

    /// <summary>The same with what only an endpoint knows.</summary>
    public RemoteContent Files { get; }

    public TimeProvider Time => _options.Time;

    public Dialer Dialer { get; }

    /// <summary>Sends a request and reads its answer, on any connection.</summary>
    /// <exception cref="IOException">The endpoint cannot be reached, or refuses.</exception>
    public async Task<T> AskAsync<T>(Func<ByteConnection, ProgressWatch, Task<T>> exchange, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        var started = _options.Time.GetTimestamp();
        for (var backoff = _options.FirstBackoff; ; backoff = Longer(backoff))
        {
            try
            {
                return await TryAsync(exchange, ended.Token);
            }
            catch (LostConnectionException lost) when (_options.Time.GetElapsedTime(started) + backoff < _options.Patience)
            {
                _options.Logger.Debug("{Endpoint}: {Reason}; again in {Milliseconds} ms", Dialer.Address.Tcp, lost.Message, backoff.TotalMilliseconds);
            }
            catch (Exception failed) when (failed is LostConnectionException or LinkRefusedException)
            {
                throw new IOException($"{Dialer.Address.Tcp}: {failed.Message}", failed);
            }
            await Task.Delay(backoff, _options.Time, ended.Token);
        }
    }

    public TimeSpan Longer(TimeSpan backoff) => backoff * 2 < _options.LongestBackoff ? backoff * 2 : _options.LongestBackoff;

    /// <summary>Ends what is under way. Not waited for: each request ends its own connection.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        while (_idle.TryPop(out var connection))
            connection.Dispose();
    }

    private async Task<T> TryAsync<T>(Func<ByteConnection, ProgressWatch, Task<T>> exchange, CancellationToken cancellation)
    {
        var connection = Kept() ?? await Dialer.ConnectAsync(cancellation);
        using var watch = new ProgressWatch(_options.ProgressTimeout, _options.Time, cancellation);
        var whole = false;
        try
        {
            var answer = await exchange(connection, watch);
            whole = true;
            return answer;
        }
        finally
        {
            // After a failure nobody knows what the next byte of it means.
            if (whole && !_closing.IsCancellationRequested)
                _idle.Push(connection);
            else
                connection.Dispose();
        }
    }

    private ByteConnection? Kept()
    {
        while (_idle.TryPop(out var connection))
        {
            if (connection.IsQuiet)
                return connection;
            connection.Dispose();
        }
        return null;
    }
}
