namespace PeftCluster.Cluster.Transport;

/// <summary>
/// Where the vectors of runs lie between those who make them and those who take them, within one process; <see cref="ByteEndpoint"/> serves it to others. It copies
/// what comes, as sockets would, so that nobody ever reads what another writes; buffers are used again. Waits for nothing.
/// </summary>
public sealed class MemoryVectorChannel : IRunVectors, IWorkerVectors
{
    private readonly Lock _lock = new();
    private readonly PublishedVersions _versions;
    private readonly HandedOverVectors _parcels;
    private readonly VectorBuffers _buffers = new();

    public MemoryVectorChannel() => (_versions, _parcels) = (new PublishedVersions(Drop), new HandedOverVectors(Drop));

    /// <summary>Buffers that were ever made.</summary>
    internal int BuffersMade
    {
        get
        {
            lock (_lock)
                return _buffers.Made;
        }
    }

    /// <summary>The vectors that lie here and were not taken.</summary>
    internal IReadOnlyList<VectorAddress> Waiting
    {
        get
        {
            lock (_lock)
                return _parcels.Addresses;
        }
    }

    public void Expect(string job, int attempt, string layoutHash, int floats)
    {
        lock (_lock)
            _versions.Expect(job, attempt, new VectorShape(layoutHash, floats));
    }

    public void Publish(string job, int attempt, int version, string layoutHash, ReadOnlySpan<float> adapter)
    {
        // Room first: the memory of the version before is the new one's.
        lock (_lock)
            _versions.MakeRoom(job, attempt, version);
        Add(job, attempt, version, Packed(layoutHash, adapter));
    }

    public void PublishInPlace(string job, int attempt, int version, string layoutHash, float[] adapter) =>
        Add(job, attempt, version, new VectorParcel(layoutHash, adapter) { IsLent = true });

    public bool Withdraw(string job, int attempt)
    {
        lock (_lock)
            return _versions.Withdraw(job, attempt);
    }

    public Task FetchedAsync(string job, int attempt, int version, int times)
    {
        lock (_lock)
            return _versions.Find(job, attempt, version)?.ReadAsync(times) ?? Task.CompletedTask;
    }

    public Task<bool> FetchAsync(string job, int attempt, int version, string layoutHash, Memory<float> into, CancellationToken cancellation)
    {
        if (Lend(job, attempt, version) is not { } parcel)
            return Task.FromResult(false);
        try
        {
            parcel.Check($"version {version}", new VectorShape(layoutHash, into.Length));
            parcel.Vector.CopyTo(into);
        }
        finally
        {
            GiveBack(parcel);
        }
        return Task.FromResult(true);
    }

    public Task HandOverAsync(VectorAddress address, string layoutHash, ReadOnlyMemory<float> vector, UInt128? leafHash, CancellationToken cancellation)
    {
        var parcel = Packed(layoutHash, vector.Span);
        lock (_lock)
            _parcels.Keep(address, parcel);
        return Task.CompletedTask;
    }

    public Task<bool> TakeAsync(VectorAddress address, string layoutHash, Memory<float> into, CancellationToken cancellation) =>
        TakeAsync(address, layoutHash, into.Length, (vector, _) =>
        {
            vector.CopyTo(into);
            return vector;
        }, cancellation);

    public Task<bool> TakeAsync(
        VectorAddress address, string layoutHash, int floats, Func<float[], UInt128?, float[]?> use, CancellationToken cancellation)
    {
        VectorParcel? parcel;
        lock (_lock)
            parcel = _parcels.Take(address);
        if (parcel is null)
            return Task.FromResult(false);
        var free = (float[]?)parcel.Vector;
        try
        {
            // Nobody else knows it any more, so nobody waits for what is done with it.
            parcel.Check(address.ToString(), new VectorShape(layoutHash, floats));
            free = use(parcel.Vector, parcel.LeafHash);
        }
        finally
        {
            if (free is not null)
                Return(free);
        }
        return Task.FromResult(true);
    }

    public void Free(float[] memory) => Return(memory);

    public void ForgetBefore(string job, int attempt, int step)
    {
        lock (_lock)
            _parcels.ForgetBefore(job, attempt, step);
    }

    public void Forget(string job, int attempt)
    {
        lock (_lock)
        {
            _parcels.Forget(job, attempt);
            _versions.Forget(job, attempt);
            _buffers.Clear();
        }
    }

    /// <summary>Whether nobody will take such a vector any more.</summary>
    internal bool IsForgotten(VectorAddress address)
    {
        lock (_lock)
            return _parcels.IsForgotten(address);
    }

    /// <summary>The shape of a run's vectors, or null where it has not said it, or has ended.</summary>
    internal VectorShape? ShapeOf(string job, int attempt)
    {
        lock (_lock)
            return _versions.ShapeOf(job, attempt);
    }

    /// <summary>A version to be sent from where it lies; whoever asks gives it back. Null: it is not there.</summary>
    internal VectorParcel? Lend(string job, int attempt, int version)
    {
        lock (_lock)
        {
            if (_versions.Find(job, attempt, version) is not { } parcel)
                return null;
            parcel.Readers++;
            return parcel;
        }
    }

    internal void GiveBack(VectorParcel parcel)
    {
        lock (_lock)
        {
            parcel.WasRead();
            if (parcel is { Readers: 0, IsDropped: true, IsLent: false })
                _buffers.Return(parcel.Vector);
        }
    }

    /// <summary>A buffer to receive a vector into: then either delivered or returned.</summary>
    internal float[] Rent(int floats)
    {
        lock (_lock)
            return _buffers.Rent(floats);
    }

    internal void Return(float[] buffer)
    {
        lock (_lock)
            _buffers.Return(buffer);
    }

    /// <summary>A whole vector has come; the buffer is the channel's from here on.</summary>
    internal void Deliver(VectorAddress address, string layoutHash, float[] vector, UInt128? leafHash)
    {
        lock (_lock)
            _parcels.Keep(address, new VectorParcel(layoutHash, vector, leafHash));
    }

    private void Add(string job, int attempt, int version, VectorParcel parcel)
    {
        parcel.Seal();
        lock (_lock)
        {
            _versions.MakeRoom(job, attempt, version);
            _versions.Add(job, attempt, version, parcel);
        }
    }

    private VectorParcel Packed(string layoutHash, ReadOnlySpan<float> vector)
    {
        var buffer = Rent(vector.Length);
        vector.CopyTo(buffer);
        return new VectorParcel(layoutHash, buffer);
    }

    private void Drop(VectorParcel parcel)
    {
        parcel.Drop();
        if (parcel is { Readers: 0, IsLent: false })
            _buffers.Return(parcel.Vector);
    }
}
