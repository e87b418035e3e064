using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Randomness;

namespace PeftCluster.Steps.Plan;

/// <summary>
/// The micro-batches of a shard in an epoch, in their order: which rows stand together, and how long they are padded. How many there are
/// is the same in every epoch.
/// </summary>
internal abstract class BatchOrder(TrainingSpec training, IRowIndex rows)
{
    /// <summary>The order that a job asks for.</summary>
    /// <param name="training">Batch size and seed, and whether rows are grouped by length.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="shards">The examples of each shard, which are rows where there is one wording of each.</param>
    /// <param name="packedLength">Tokens of a packed row; null: rows are not packed.</param>
    public static BatchOrder Of(TrainingSpec training, IRowIndex rows, IReadOnlyList<int[]> shards, int? packedLength)
    {
        if (packedLength is { } room)
            return new PackedOrder(training, rows, shards, room);
        return training.GroupByLength ? new GroupedOrder(training, rows, shards) : new RandomOrder(training, rows, shards);
    }

    /// <summary>How many micro-batches a shard has in an epoch.</summary>
    public abstract int CountOf(int shard);

    /// <summary>All of them.</summary>
    public abstract MicroBatch[] Batches(int epoch, int shard);

    /// <summary>A pass's order of a shard, by Philox.</summary>
    protected T[] Shuffled<T>(IReadOnlyList<T> ofShard, int epoch, int shard, string purpose = PhiloxPurpose.Order)
    {
        int[] order = [.. Enumerable.Range(0, ofShard.Count)];
        new PhiloxStream(training.Seed, purpose, ((ulong)epoch << 32) | (uint)shard).Shuffle(order);
        return Array.ConvertAll(order, place => ofShard[place]);
    }

    /// <summary>A pass's rows of a shard in their order: of each example one wording, drawn.</summary>
    protected int[] RowsOf(IReadOnlyList<int> examples, int epoch, int shard)
    {
        var order = Shuffled(examples, epoch, shard);
        return rows.Variants == 1 ? order : Array.ConvertAll(order, example =>
            example * rows.Variants + new PhiloxStream(training.Seed, PhiloxPurpose.Template, ((ulong)epoch << 32) | (uint)example).NextBelow(rows.Variants));
    }

    /// <summary>As many parts as it takes, all of a micro-batch's size but the last.</summary>
    protected IEnumerable<T[]> Cut<T>(IEnumerable<T> order) => order.Chunk(training.MicroBatchSize);

    /// <summary>How many parts that are.</summary>
    protected int Parts(int count) => (count + training.MicroBatchSize - 1) / training.MicroBatchSize;

    /// <summary>The micro-batch of some rows, in a padded row each.</summary>
    protected MicroBatch BatchOf(int shard, int[] numbers, int paddedLength)
    {
        int labels = 0, wrong = 0, tokens = 0;
        foreach (var row in numbers)
            (labels, wrong, tokens) = checked((labels + rows.Labels(row), wrong + rows.WrongLabels(row), tokens + rows.Length(row)));
        return new MicroBatch(shard, numbers, paddedLength, labels, tokens) { WrongLabels = wrong };
    }

    /// <summary>Tokens of a row.</summary>
    protected int Length(int row) => rows.Length(row);
}

/// <summary>Any rows together; each micro-batch is as long as its longest.</summary>
internal sealed class RandomOrder(TrainingSpec training, IRowIndex rows, IReadOnlyList<int[]> shards) : BatchOrder(training, rows)
{
    public override int CountOf(int shard) => Parts(shards[shard].Length);

    public override MicroBatch[] Batches(int epoch, int shard) =>
        [.. Cut(RowsOf(shards[shard], epoch, shard)).Select(part => BatchOf(shard, part, PaddedLength.Of(part.Max(Length))))];
}

/// <summary>
/// Rows of about the same length together, padded to one of few lengths (<see cref="LengthBuckets"/>). What does not fill a micro-batch goes on to the next
/// longer ones, so there are no more micro-batches than without groups; their order is drawn.
/// </summary>
internal sealed class GroupedOrder(TrainingSpec training, IRowIndex rows, IReadOnlyList<int[]> shards) : BatchOrder(training, rows)
{
    private readonly int[] _edges = LengthBuckets.Of(rows);

    public override int CountOf(int shard) => Parts(shards[shard].Length);

    public override MicroBatch[] Batches(int epoch, int shard)
    {
        // OrderBy keeps the drawn order within a group.
        var grouped = RowsOf(shards[shard], epoch, shard).OrderBy(Edge);
        MicroBatch[] batches = [.. Cut(grouped).Select(part => BatchOf(shard, part, Edge(part[^1])))];
        return Shuffled(batches, epoch, shard, PhiloxPurpose.BatchOrder);
    }

    private int Edge(int row)
    {
        var place = Array.BinarySearch(_edges, Length(row));
        return _edges[place < 0 ? ~place : place];
    }
}

/// <summary>
/// Several rows in one padded row, packed once for the whole job by best fit (<see cref="BestFitPacking"/>); the order of the padded rows is drawn for each epoch.
/// </summary>
internal sealed class PackedOrder : BatchOrder
{
    private readonly IReadOnlyList<int[]>[] _packs;

    public PackedOrder(TrainingSpec training, IRowIndex rows, IReadOnlyList<int[]> shards, int room)
        : base(training, rows) => _packs = [.. shards.Select(shard => BestFitPacking.Of(shard, rows.Length, room))];

    public override int CountOf(int shard) => Parts(_packs[shard].Count);

    public override MicroBatch[] Batches(int epoch, int shard) =>
        [.. Cut(Shuffled(_packs[shard], epoch, shard)).Select(packs => Packed(shard, packs))];

    private MicroBatch Packed(int shard, int[][] packs)
    {
        var places = new List<PackedPlace>();
        var longest = 0;
        for (var row = 0; row < packs.Length; row++)
        {
            var end = 0;
            foreach (var number in packs[row])
            {
                places.Add(new PackedPlace(row, end, Length(number)));
                end += Length(number);
            }
            longest = Math.Max(longest, end);
        }
        return BatchOf(shard, [.. packs.SelectMany(pack => pack)], PaddedLength.Of(longest)) with { Packing = places };
    }
}
