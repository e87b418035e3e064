using System.Runtime.ExceptionServices;

namespace PeftCluster.Data.Prepared;

/// <summary>
/// Work on many items by several threads, with the results in the order of the items: what comes of it is the same for any number of threads. One
/// thread reads the items, batches of them go to the thread pool, and the oldest batch is waited for; so memory holds a few batches, whatever the number of items.
/// A failure comes when its turn does: of two bad rows the first one in the file is told of, whoever met his first.
/// </summary>
internal static class ParallelEncoding
{
    /// <summary>The most items of a batch.</summary>
    public const int MostItems = 256;

    /// <summary>A batch of this size (characters of text) is not filled further.</summary>
    public const int BatchSize = 1 << 17;

    /// <summary>While batches of this size are under way, no other is begun: rows may be megabytes long.</summary>
    private const long MostUnderWay = 1 << 23;

    /// <param name="items">Read by the caller's thread, never two at once.</param>
    /// <param name="sizeOf">Characters of an item.</param>
    /// <param name="work">What is done with a batch; several run at once.</param>
    /// <param name="threads">The most batches under way.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <returns>What the work gave for each batch, in order. Where the batches are cut depends on the items alone.</returns>
    public static IEnumerable<TDone> InOrder<TItem, TDone>(
        IEnumerable<TItem> items, Func<TItem, int> sizeOf, Func<IReadOnlyList<TItem>, TDone> work, int threads, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var underWay = new Queue<(Task<TDone> Work, long Size)>();
        var size = 0L;
        using var reading = items.GetEnumerator();
        for (var last = false; !last;)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = Read(reading, sizeOf);
            last = batch.Last;
            while (underWay.Count >= threads || (underWay.Count > 0 && size + batch.Size > MostUnderWay))
                yield return Oldest();
            if (batch.Items.Count > 0)
            {
                underWay.Enqueue((Task.Run(() => work(batch.Items), CancellationToken.None), batch.Size));
                size += batch.Size;
            }
            if (last)
            {
                while (underWay.Count > 0)
                    yield return Oldest();
                batch.Failure?.Throw();
            }
        }

        TDone Oldest()
        {
            var (oldest, its) = underWay.Dequeue();
            size -= its;
            return oldest.GetAwaiter().GetResult();
        }
    }

    private readonly record struct Batch<TItem>(List<TItem> Items, long Size, bool Last, ExceptionDispatchInfo? Failure);

    private static Batch<TItem> Read<TItem>(IEnumerator<TItem> reading, Func<TItem, int> sizeOf)
    {
        var (items, size) = (new List<TItem>(), 0L);
        try
        {
            while (items.Count < MostItems && size < BatchSize)
            {
                if (!reading.MoveNext())
                    return new(items, size, true, null);
                items.Add(reading.Current);
                size += sizeOf(reading.Current);
            }
            return new(items, size, false, null);
        }
#pragma warning disable CA1031 // Whatever stops the reading, the rows before come first.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return new(items, size, true, ExceptionDispatchInfo.Capture(failure));
        }
    }
}
