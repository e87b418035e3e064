using System.Runtime.InteropServices;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Randomness;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft;

/// <summary>
/// Dropout of an adapter's inputs: with probability p an element becomes zero, else it is divided by 1 − p. Which ones is a function of
/// (seed, step, shard, row, site, index) alone, by Philox: a recomputed leaf, another worker and another place in the batch get
/// the same mask. One per module tree; used on its device's thread. Off until a micro-batch begins.
/// </summary>
internal sealed class AdapterDropout(double probability, long seed)
{
    private readonly ulong _key = Philox4x32.Key(seed, PhiloxPurpose.Dropout);
    private readonly ulong _threshold = (ulong)Math.Round(probability * (1UL << 32));
    private readonly float _kept = (float)(1 / (1 - probability));
    private (int Step, MicroBatch Batch)? _current;

    /// <summary>From here on, inputs are those of this micro-batch.</summary>
    public void Begin(int step, MicroBatch batch) => _current = probability > 0 ? (step, batch) : null;

    /// <summary>From here on, nothing is dropped.</summary>
    public void End() => _current = null;

    /// <summary>Drops out elements of a site's input.</summary>
    /// <param name="x">[B, T, F], rows in the order of the micro-batch.</param>
    /// <param name="site">Which of the adapter's layers asks.</param>
    public Tensor Apply(Tensor x, int site)
    {
        if (_current is not { } current)
            return x;
        var mask = empty_like(x, requires_grad: false);
        var rows = current.Batch.Rows;
        var values = MemoryMarshal.Cast<byte, float>(mask.bytes);
        var perRow = values.Length / rows.Count;
        for (var row = 0; row < rows.Count; row++)
            Fill(values.Slice(row * perRow, perRow), current.Step, current.Batch.Shard, rows[row], site);
        return x * mask;
    }

    // The counter: 20 bits of site, 12 of shard, 32 of four elements' number; 32 bits of row, 32 of step.
    private void Fill(Span<float> values, int step, int shard, int row, int site)
    {
        var low = (ulong)site << 44 | (ulong)shard << 32;
        var high = (ulong)row << 32 | (uint)step;
        Span<uint> block = stackalloc uint[4];
        for (var start = 0; start < values.Length; start += 4)
        {
            (block[0], block[1], block[2], block[3]) = Philox4x32.Block(_key, low | (uint)(start / 4), high);
            var four = values[start..Math.Min(start + 4, values.Length)];
            for (var index = 0; index < four.Length; index++)
                four[index] = block[index] < _threshold ? 0 : _kept;
        }
    }
}
