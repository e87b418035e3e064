using PeftCluster.Steps.Reduction;

namespace PeftCluster.Cluster.Transport;

/// <summary>
/// The run's side of how vectors move, since they never go through Akka. Everything is copied or written out before a
/// call is done, so callers keep their buffers, unless a method says otherwise. Layout and length are compared at the receiver, and where bytes have left a process also their checksum.
/// </summary>
public interface IRunVectors
{
    /// <summary>The run says what its vectors are like, before it publishes any: then version 0 is received to where it will lie.</summary>
    void Expect(string job, int attempt, string layoutHash, int floats);

    /// <summary>
    /// The run makes a version of the adapter fetchable, and those before it no longer: whoever still asks for one is late, and what it computes with it nobody waits for. Under a number below 0
    /// stands what is measured or exported in a version's place, until the next version.
    /// </summary>
    void Publish(string job, int attempt, int version, string layoutHash, ReadOnlySpan<float> adapter);

    /// <summary>
    /// The same without a copy: the adapter's memory is read by whoever fetches it, and not changed before <see cref="Withdraw"/>.
    /// </summary>
    void PublishInPlace(string job, int attempt, int version, string layoutHash, float[] adapter);

    /// <summary>
    /// Takes back what was published in place: nobody begins to fetch it any more. True: nobody reads it, and its memory may be changed. False: somebody who is late
    /// does, and the memory is the channel's.
    /// </summary>
    bool Withdraw(string job, int attempt);

    /// <summary>Done when a version has been fetched so many times, so that what follows holds no worker up. Also done when it is not there, or not any more.</summary>
    Task FetchedAsync(string job, int attempt, int version, int times);

    /// <summary>The run takes a vector that was handed over. False: there is none (any more).</summary>
    /// <exception cref="InvalidDataException">Another layout or length.</exception>
    Task<bool> TakeAsync(VectorAddress address, string layoutHash, Memory<float> into, CancellationToken cancellation);

    /// <summary>
    /// The same without a copy: <paramref name="use"/> gets the vector's memory and of a leaf its <see cref="LeafHash"/> (null: nobody has computed it here), once or, where there is none, never. It answers
    /// the memory that the channel may use again: this one, another of the same length for it, or null.
    /// </summary>
    /// <exception cref="InvalidDataException">Another layout or length.</exception>
    Task<bool> TakeAsync(VectorAddress address, string layoutHash, int floats, Func<float[], UInt128?, float[]?> use, CancellationToken cancellation);

    /// <summary>Memory of a vector that was taken with it is free: the next vector is received to it.</summary>
    void Free(float[] memory);

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
    /// <param name="address">What it is.</param>
    /// <param name="layoutHash">Its layout.</param>
    /// <param name="vector">Its floats.</param>
    /// <param name="leafHash">Of a leaf, if it is known: its hash, which is then not computed again.</param>
    /// <param name="cancellation">Gives up.</param>
    Task HandOverAsync(VectorAddress address, string layoutHash, ReadOnlyMemory<float> vector, UInt128? leafHash, CancellationToken cancellation);
}

/// <summary>The same with fewer words.</summary>
public static class WorkerVectors
{
    /// <summary>Hands over a vector of which nothing is known.</summary>
    public static Task HandOverAsync(this IWorkerVectors vectors, VectorAddress address, string layoutHash, ReadOnlyMemory<float> vector, CancellationToken cancellation) =>
        vectors.HandOverAsync(address, layoutHash, vector, null, cancellation);
}
