using System.Net;
using System.Net.Sockets;

namespace PeftCluster.Server.Chaos;

/// <summary>Passes bytes on, both ways, from a place where it listens to another one: for what does not listen where a row's nodes can reach it.</summary>
internal sealed class SocketProxy : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly EndPoint _target;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _accepting;

    private SocketProxy(Socket listener, EndPoint target)
    {
        (_listener, _target) = (listener, target);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Place => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Begins to listen; a port of 0 takes any that is free.</summary>
    public static SocketProxy Start(IPEndPoint place, EndPoint target)
    {
        var listener = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(place);
        listener.Listen();
        return new SocketProxy(listener, target);
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
            _ = PassAsync(await _listener.AcceptAsync(_closing.Token));
    }

    private async Task PassAsync(Socket caller)
    {
        using (caller)
        using (var callee = new Socket(_target.AddressFamily is AddressFamily.Unspecified ? AddressFamily.InterNetwork : _target.AddressFamily, SocketType.Stream, ProtocolType.Unspecified))
        {
            try
            {
                await callee.ConnectAsync(_target, _closing.Token);
                await using var one = new NetworkStream(caller);
                await using var other = new NetworkStream(callee);
                await Task.WhenAny(one.CopyToAsync(other, _closing.Token), other.CopyToAsync(one, _closing.Token));
            }
            catch (Exception broken) when (broken is SocketException or IOException or OperationCanceledException)
            {
                // Whoever called sees its connection end.
            }
        }
    }
}
