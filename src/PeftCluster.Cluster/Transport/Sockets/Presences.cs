namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>Which connection stands for which device. The newest counts: a device that has connected again is not lost with its old line.</summary>
internal sealed class Presences(Action<string> lost)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, object> _lines = [];

    public IReadOnlyCollection<string> Devices
    {
        get
        {
            lock (_lock)
                return [.. _lines.Keys];
        }
    }

    public object? LineOf(string device)
    {
        lock (_lock)
            return _lines.GetValueOrDefault(device);
    }

    public void Came(string device, object line)
    {
        lock (_lock)
            _lines[device] = line;
    }

    /// <summary>A connection has ended, and with it what it stood for.</summary>
    public void Ended(object line)
    {
        string[] devices;
        lock (_lock)
        {
            devices = [.. _lines.Where(known => known.Value == line).Select(known => known.Key)];
            foreach (var device in devices)
                _lines.Remove(device);
        }
        foreach (var device in devices)
            lost(device);
    }
}
