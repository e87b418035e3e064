using System.Runtime.InteropServices;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Randomness;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>
/// Random numbers in the shape of a micro-batch's tensors: a function of (seed, purpose, step, shard, row, site, index) alone, by Philox, so that a recomputed leaf,
/// another worker and another place in the batch get the same ones, and a packed row those that it would get alone. Answer choices of an example are neighbouring tensor rows,
/// filled as one stretch under the example's row; an encoder's tensors have one row an example all the same. Used on its device's thread. Off until a micro-batch begins.
/// </summary>
internal sealed class MicroBatchRandomness(long seed, string purpose)
{
    // No row of a data set has this number.
    private const int AllRows = -1;

    private readonly ulong _key = Philox4x32.Key(seed, purpose);
    private (int Step, MicroBatch Batch, IReadOnlyList<int>? Owners)? _current;

    /// <summary>From here on, tensors are those of this micro-batch.</summary>
    /// <param name="step">The step.</param>
    /// <param name="batch">The micro-batch.</param>
    /// <param name="owners">Of each answer choice the place of its row in the micro-batch, ascending; null: rows have no choices.</param>
    public void Begin(int step, MicroBatch batch, IReadOnlyList<int>? owners) => _current = (step, batch, owners);

    /// <summary>From here on there is no micro-batch.</summary>
    public void End() => _current = null;

    /// <summary>A float for each element, made of 32 random bits. Null: no micro-batch is under way.</summary>
    /// <param name="x">[B, …], rows in the order of the micro-batch, or their choices in the order of the rows; [B, T, …] where they are packed.</param>
    /// <param name="site">Which place in the model asks.</param>
    /// <param name="number">Makes a float of the bits.</param>
    public Tensor? Like(Tensor x, int site, Func<uint, float> number)
    {
        if (_current is not { } current)
            return null;
        // Padding of packed rows stays zero.
        var drawn = zeros([.. x.shape], ScalarType.Float32);
        var (batch, rows) = (current.Batch, current.Batch.Rows);
        var values = MemoryMarshal.Cast<byte, float>(drawn.bytes);
        var perToken = batch.Packing is null ? 0 : values.Length / (int)(x.shape[0] * x.shape[1]);
        var perRow = values.Length / (int)x.shape[0];
        var first = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            var own = batch.Packing?[row] is var (packed, start, length)
                ? values.Slice((packed * (int)x.shape[1] + start) * perToken, length * perToken)
                : values.Slice(first * perRow, Width(row, x.shape[0]) * perRow);
            Fill(own, current.Step, batch.Shard, rows[row], site, number);
            first += Width(row, x.shape[0]);
        }
        return drawn.to(x.device);
    }

    /// <summary>How many rows of a tensor with so many rows are a row of the micro-batch: all its choices, or itself.</summary>
    private int Width(int row, long tensorRows) =>
        _current!.Value.Owners is { } owners && tensorRows == owners.Count ? owners.Count(owner => owner == row) : 1;

    /// <summary>The same for something that all rows of the micro-batch share. Null: no micro-batch is under way.</summary>
    /// <param name="count">How many floats.</param>
    /// <param name="site">Which place in the model asks.</param>
    /// <param name="number">Makes a float of the bits.</param>
    public float[]? OfBatch(int count, int site, Func<uint, float> number)
    {
        if (_current is not { } current)
            return null;
        var drawn = new float[count];
        Fill(drawn, current.Step, current.Batch.Shard, AllRows, site, number);
        return drawn;
    }

    // The counter: 20 bits of site, 12 of shard, 32 of four elements' number; 32 bits of row, 32 of step.
    private void Fill(Span<float> values, int step, int shard, int row, int site, Func<uint, float> number)
    {
        var low = (ulong)site << 44 | (ulong)shard << 32;
        var high = (ulong)row << 32 | (uint)step;
        Span<uint> block = stackalloc uint[4];
        for (var start = 0; start < values.Length; start += 4)
        {
            (block[0], block[1], block[2], block[3]) = Philox4x32.Block(_key, low | (uint)(start / 4), high);
            var four = values[start..Math.Min(start + 4, values.Length)];
            for (var index = 0; index < four.Length; index++)
                four[index] = number(block[index]);
        }
    }
}
