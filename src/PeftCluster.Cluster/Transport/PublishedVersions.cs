namespace PeftCluster.Cluster.Transport;

/// <summary>The versions of the adapters of runs: the newest of each attempt, and what was published under numbers below 0 since then. Not for several threads at once.</summary>
/// <param name="drop">Told of each one that is not kept any more.</param>
internal sealed class PublishedVersions(Action<VectorParcel> drop)
{
    private readonly Dictionary<(string Job, int Attempt), SortedDictionary<int, VectorParcel>> _attempts = [];
    private readonly Dictionary<(string Job, int Attempt), VectorShape> _shapes = [];

    public void Expect(string job, int attempt, VectorShape shape) => _shapes[(job, attempt)] = shape;

    public void Add(string job, int attempt, int version, VectorParcel parcel)
    {
        if (!_attempts.TryGetValue((job, attempt), out var versions))
            _attempts.Add((job, attempt), versions = []);
        if (versions.Remove(version, out var same))
            drop(same);
        versions.Add(version, parcel);
    }

    /// <summary>Makes room for a version: those before it go.</summary>
    public void MakeRoom(string job, int attempt, int version)
    {
        if (!_attempts.TryGetValue((job, attempt), out var versions))
            return;
        foreach (var old in versions.Keys.Where(old => old < version).ToArray())
        {
            drop(versions[old]);
            versions.Remove(old);
        }
    }

    /// <summary>Drops those whose memory is the run's. False: one of them is read still, and its memory is the run's no more.</summary>
    public bool Withdraw(string job, int attempt)
    {
        if (!_attempts.TryGetValue((job, attempt), out var versions))
            return true;
        var free = true;
        foreach (var (version, parcel) in versions.Where(one => one.Value.IsLent).ToArray())
        {
            versions.Remove(version);
            parcel.IsLent = parcel.Readers == 0;
            free &= parcel.IsLent;
            drop(parcel);
        }
        return free;
    }

    public VectorParcel? Find(string job, int attempt, int version) =>
        _attempts.TryGetValue((job, attempt), out var versions) ? versions.GetValueOrDefault(version) : null;

    /// <summary>The newest version's shape, or what the run expects.</summary>
    public VectorShape? ShapeOf(string job, int attempt) =>
        _attempts.TryGetValue((job, attempt), out var versions) && versions.Count > 0 ? versions.Values.Last().Shape
        : _shapes.TryGetValue((job, attempt), out var shape) ? shape
        : null;

    public void Forget(string job, int attempt)
    {
        _shapes.Remove((job, attempt));
        if (!_attempts.Remove((job, attempt), out var versions))
            return;
        foreach (var parcel in versions.Values)
            drop(parcel);
    }
}
