using System.Net;
using System.Net.Sockets;

namespace PeftCluster.Cluster.Tests.Transport.Sockets;

/// <summary>What a proxy does to the bytes of one direction.</summary>
/// <param name="Towards">The direction.</param>
/// <param name="At">The offset of the byte that it strikes.</param>
/// <param name="Kind">What it does there.</param>
/// <param name="Value">The bits that are flipped, or the byte that is put in.</param>
internal sealed record Damage(Towards Towards, int At, DamageKind Kind, byte Value);

internal enum Towards { Endpoint, Client }

internal enum DamageKind { Flip, Insert, Remove, End }

/// <summary>Stands between a client and an endpoint, and damages what goes through each connection at one place.</summary>
internal sealed class DamagingProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _closing = new();
    private readonly int _port;
    private readonly Task _accepting;

    public DamagingProxy(string endpoint)
    {
        _port = int.Parse(endpoint.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Address = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";
        _accepting = AcceptAsync();
    }

    public string Address { get; }

    public Damage? Damage { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptAsync(_closing.Token), Damage);
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket client, Damage? damage)
    {
        using var endpoint = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            client.NoDelay = endpoint.NoDelay = true;
            await endpoint.ConnectAsync(IPAddress.Loopback, _port);
            var there = PumpAsync(client, endpoint, damage?.Towards == Towards.Endpoint ? damage : null);
            var back = PumpAsync(endpoint, client, damage?.Towards == Towards.Client ? damage : null);
            await Task.WhenAny(there, back);
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Damage? damage)
    {
        var buffer = new byte[1 << 16];
        try
        {
            var position = 0;
            for (int read; (read = await from.ReceiveAsync(buffer, _closing.Token)) > 0; position += read)
            {
                var bytes = buffer.AsMemory(0, read);
                if (damage is null || damage.At < position || damage.At >= position + read)
                {
                    await SendAsync(to, bytes);
                    continue;
                }
                var at = damage.At - position;
                await SendAsync(to, bytes[..at]);
                if (damage.Kind == DamageKind.End)
                    return;
                if (damage.Kind == DamageKind.Flip)
                    bytes.Span[at] ^= damage.Value;
                if (damage.Kind == DamageKind.Insert)
                    await SendAsync(to, new[] { damage.Value });
                await SendAsync(to, bytes[(damage.Kind == DamageKind.Remove ? at + 1 : at)..]);
            }
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[await to.SendAsync(bytes, _closing.Token)..];
    }
}
