namespace PeftCluster.Cluster.Transport;

/// <summary>
/// The run's side of how vectors move, since they never go through Akka. Everything is copied or written out before a
/// call is done, so callers keep their buffers. Layout and length are compared at the receiver, and where bytes have left a process also their checksum.
/// </summary>
public interface IRunVectors
{
    /// <summary>The run makes a version of the adapter fetchable. The two newest versions stay.</summary>
    void Publish(string job, int attempt, int version, string layoutHash, ReadOnlySpan<float> adapter);

    /// <summary>The run takes a vector that was handed over. False: there is none (any more).</summary>
    /// <exception cref="InvalidDataException">Another layout or length.</exception>
    Task<bool> TakeAsync(VectorAddress address, string layoutHash, Memory<float> into, CancellationToken cancellation);

    /// <summary>The same without a copy: the vector is lent for as long as <paramref name="use"/> runs, which is once or, where there is none, never.</summary>
    /// <exception cref="InvalidDataException">Another layout or length.</exception>
    Task<bool> TakeAsync(VectorAddress address, string layoutHash, int floats, Action<ReadOnlyMemory<float>> use, CancellationToken cancellation);

    /// <summary>Drops vectors of steps below this one that nobody took.</summary>
    void ForgetBefore(string job, int attempt, int step);

    /// <summary>Drops all of an attempt.</summary>
    void Forget(string job, int attempt);
}

/// <summary>The worker's side of how vectors move.</summary>
public interface IWorkerVectors
{
    /// <summary>A worker fetches a version. False: it is not there any more, so whoever wants it is late.</summary>
    /// <exception cref="InvalidDataException">Another layout or length.</exception>
    Task<bool> FetchAsync(string job, int attempt, int version, string layoutHash, Memory<float> into, CancellationToken cancellation);

    /// <summary>A worker hands a vector over; done when it is safe to tell the run of it. A repeated one replaces the first.</summary>
    Task HandOverAsync(VectorAddress address, string layoutHash, ReadOnlyMemory<float> vector, CancellationToken cancellation);
}
