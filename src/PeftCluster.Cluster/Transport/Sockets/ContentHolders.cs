namespace PeftCluster.Cluster.Transport.Sockets;

/// <summary>
/// Which nodes have said that they have a file. A hint and no promise: whoever asks tries a few and then the coordinator, so it may be forgotten, and it is, with
/// the process and where it would grow. From any thread.
/// </summary>
internal sealed class ContentHolders
{
    /// <summary>Of a file, the newest so many.</summary>
    internal const int OfOne = 8;

    private const int Files = 1 << 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<string>> _holders = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = [];

    public void Note(string sha256, string address)
    {
        lock (_lock)
        {
            if (!_holders.TryGetValue(sha256, out var holders))
            {
                _holders.Add(sha256, holders = []);
                _order.Enqueue(sha256);
                if (_order.Count > Files)
                    _holders.Remove(_order.Dequeue());
            }
            holders.Remove(address);
            holders.Add(address);
            if (holders.Count > OfOne)
                holders.RemoveAt(0);
        }
    }

    /// <summary>Those that have it, besides whoever asks. Each question begins with another one, so that they share the work.</summary>
    public IReadOnlyList<string> Of(string sha256, string besides)
    {
        lock (_lock)
        {
            if (!_holders.TryGetValue(sha256, out var holders))
                return [];
            string[] others = [.. holders.Where(holder => holder != besides)];
            holders.Add(holders[0]);
            holders.RemoveAt(0);
            return others;
        }
    }
}
