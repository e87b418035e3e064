namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// One connection that says nothing and stands for a device: when the process dies, the endpoint sees its end within milliseconds. It is made again for
/// as long as this is not disposed.
/// </summary>
internal sealed class Presence : IDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly RemoteLink _link;
    private readonly SocketLinkOptions _options;
    private readonly string _device;

    public Presence(RemoteLink link, SocketLinkOptions options, string device)
    {
        (_link, _options, _device) = (link, options, device);
        Ended = StayAsync();
    }

    /// <summary>Done soon after this was disposed.</summary>
    public Task Ended { get; }

    public void Dispose() => _closing.Cancel();

    private async Task StayAsync()
    {
        var backoff = _options.FirstBackoff;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                using var connection = await _link.Dialer.ConnectAsync(_closing.Token);
                using var watch = new ProgressWatch(_options.ProgressTimeout, _options.Time, _closing.Token);
                await connection.SendAsync(connection.Frame(FrameKind.Announce).Add(_device), watch);
                await connection.AnswerAsync(watch);
                backoff = _options.FirstBackoff;
                await connection.ReceiveNextAsync(watch);
                _options.Logger.Information("{Endpoint}: the connection for {Device} has ended", _link.Dialer.Address.Tcp, _device);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception broken) when (broken is IOException or InvalidDataException)
            {
                _options.Logger.Warning("{Endpoint}: no connection for {Device}: {Reason}", _link.Dialer.Address.Tcp, _device, broken.Message);
            }
            await Task.Delay(backoff, _options.Time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            backoff = _link.Longer(backoff);
        }
    }
}
