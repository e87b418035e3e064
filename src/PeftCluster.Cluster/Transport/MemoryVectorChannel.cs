using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Transport;

/// <summary>
/// The channel of one process. It copies once on each side, as sockets would, so that nobody ever reads what another
/// writes; buffers are used again. Waits for nothing.
/// </summary>
public sealed class MemoryVectorChannel : IRunVectors, IWorkerVectors
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Job, int Attempt), SortedDictionary<int, Parcel>> _versions = [];
    private readonly Dictionary<VectorAddress, Parcel> _parcels = [];
    private readonly Dictionary<int, Stack<float[]>> _free = [];

    public void Publish(string job, int attempt, int version, string layoutHash, ReadOnlySpan<float> adapter)
    {
        lock (_lock)
        {
            if (!_versions.TryGetValue((job, attempt), out var versions))
                _versions.Add((job, attempt), versions = []);
            if (versions.Remove(version, out var same))
                Return(same);
            versions.Add(version, Packed(layoutHash, adapter));
            foreach (var old in versions.Keys.Where(old => old < version - 1).ToArray())
            {
                Return(versions[old]);
                versions.Remove(old);
            }
        }
    }

    public Task<bool> FetchAsync(string job, int attempt, int version, string layoutHash, Memory<float> into, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_versions.TryGetValue((job, attempt), out var versions) || !versions.TryGetValue(version, out var parcel))
                return Task.FromResult(false);
            Unpack(parcel, $"version {version}", layoutHash, into.Span);
            return Task.FromResult(true);
        }
    }

    public Task HandOverAsync(VectorAddress address, string layoutHash, ReadOnlyMemory<float> vector, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_parcels.Remove(address, out var same))
                Return(same);
            _parcels.Add(address, Packed(layoutHash, vector.Span));
        }
        return Task.CompletedTask;
    }

    public Task<bool> TakeAsync(VectorAddress address, string layoutHash, Memory<float> into, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_parcels.Remove(address, out var parcel))
                return Task.FromResult(false);
            try
            {
                Unpack(parcel, address.ToString(), layoutHash, into.Span);
            }
            finally
            {
                Return(parcel);
            }
            return Task.FromResult(true);
        }
    }

    public void ForgetBefore(string job, int attempt, int step) =>
        ForgetWhere(address => address.Job == job && address.Attempt == attempt && address.Step < step);

    public void Forget(string job, int attempt)
    {
        ForgetWhere(address => address.Job == job && address.Attempt == attempt);
        lock (_lock)
        {
            if (_versions.Remove((job, attempt), out var versions))
                foreach (var parcel in versions.Values)
                    Return(parcel);
            _free.Clear();
        }
    }

    private void ForgetWhere(Func<VectorAddress, bool> forgotten)
    {
        lock (_lock)
        {
            foreach (var address in _parcels.Keys.Where(forgotten).ToArray())
            {
                Return(_parcels[address]);
                _parcels.Remove(address);
            }
        }
    }

    private Parcel Packed(string layoutHash, ReadOnlySpan<float> vector)
    {
        var buffer = _free.TryGetValue(vector.Length, out var free) && free.TryPop(out var used) ? used : new float[vector.Length];
        vector.CopyTo(buffer);
        return new Parcel(layoutHash, buffer, LeafHash.Of(buffer));
    }

    private void Return(Parcel parcel)
    {
        if (!_free.TryGetValue(parcel.Vector.Length, out var free))
            _free.Add(parcel.Vector.Length, free = []);
        free.Push(parcel.Vector);
    }

    private static void Unpack(Parcel parcel, string what, string layoutHash, Span<float> into)
    {
        if (parcel.LayoutHash != layoutHash)
            throw new InvalidDataException($"{what}: its layout has hash {parcel.LayoutHash}, this run's has {layoutHash}");
        if (parcel.Vector.Length != into.Length)
            throw new InvalidDataException($"{what}: it has {parcel.Vector.Length} floats, this run's have {into.Length}");
        parcel.Vector.CopyTo(into);
        if (LeafHash.Of(into) != parcel.Checksum)
            throw new InvalidDataException($"{what}: its checksum is wrong");
    }

    private sealed record Parcel(string LayoutHash, float[] Vector, UInt128 Checksum);
}
