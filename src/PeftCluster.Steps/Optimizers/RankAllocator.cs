using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Reduction;

namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// AdaLoRA's allocation of ranks (Zhang et al., arXiv 2303.10512), term by term as PEFT's RankAllocator. After a step that made version t, with its clipped gradient g, for each element in float32:
/// <code>
/// I ← β₁·I + (1 − β₁)·|p·g|
/// U ← β₂·U + (1 − β₂)·| |p·g| − I |
/// score = I·U;  score of a rank = score(E) + mean score of A's row + mean score of B's column
/// </code>
/// A pruning sets E to zero where the rank's score is at or below that of the last one that goes. tfinal steps before the end is the last pruning, by the scores of the step before; from there the same ranks are held at zero. Means are sums in
/// double in one fixed order. Before that, a pruned rank learns on and may win its place back.
/// </summary>
internal sealed class RankAllocator
{
    private readonly VectorLayout _layout;
    private readonly RankAllocation _allocation;
    private readonly (RankTriplet Slices, int Rank, int MaskAt)[] _layers;
    private readonly float[] _importance, _uncertainty, _pruned;

    public RankAllocator(VectorLayout layout, RankAllocation allocation)
    {
        (_layout, _allocation) = (layout, allocation);
        var at = 0;
        _layers = [.. allocation.Triplets.Select(triplet =>
        {
            var layer = (triplet, layout.Slices[triplet.E].Length, at);
            at += layer.Length;
            return layer;
        })];
        // The ranked tensors stand first; what else is trained (a head) has no score.
        var end = allocation.Triplets.SelectMany(triplet => new[] { triplet.A, triplet.B, triplet.E }).Max(slice => layout.Slices[slice].Offset + layout.Slices[slice].Length);
        (_importance, _uncertainty, _pruned) = (new float[end], new float[end], new float[at]);
    }

    /// <summary>I and U as far as the layout has ranked tensors, and 1 for each rank that the last pruning took.</summary>
    public IReadOnlyList<NamedVector> Vectors => [new("exp_avg_ipt", _importance), new("exp_avg_unc", _uncertainty), new("pruned_ranks", _pruned)];

    /// <summary>What follows a step.</summary>
    /// <param name="version">The version that it made.</param>
    /// <param name="gradient">Its summed gradient.</param>
    /// <param name="clip">What that was multiplied by.</param>
    /// <param name="adapter">The version; E is changed in place.</param>
    public void Follow(int version, ReadOnlyMemory<float> gradient, double clip, Memory<float> adapter)
    {
        var last = _allocation.TotalSteps - _allocation.FinalSteps;
        if (version < last)
            Parallel.ForEach(_layers, layer => Measure(layer.Slices, gradient.Span, (float)clip, adapter.Span));
        if (version == last || (version < last && version > _allocation.FirstStep && version % _allocation.Interval == 0))
            Choose(RankBudget.At(_allocation, _pruned.Length, version));
        else if (version < last)
            return;
        Prune(adapter.Span);
        if (version != last)
            return;
        Array.Clear(_importance);
        Array.Clear(_uncertainty);
    }

    /// <summary>The score of every rank, layer after layer.</summary>
    public float[] Scores()
    {
        var scores = new float[_pruned.Length];
        Parallel.ForEach(_layers, layer => Score(layer.Slices, scores.AsSpan(layer.MaskAt, layer.Rank)));
        return scores;
    }

    private void Measure(RankTriplet layer, ReadOnlySpan<float> gradient, float clip, ReadOnlySpan<float> adapter)
    {
        var (kept1, new1, kept2, new2) = ((float)_allocation.Beta1, (float)(1 - _allocation.Beta1), (float)_allocation.Beta2, (float)(1 - _allocation.Beta2));
        foreach (var number in (ReadOnlySpan<int>)[layer.A, layer.B, layer.E])
        {
            var slice = _layout.Slices[number];
            for (var i = slice.Offset; i < slice.Offset + slice.Length; i++)
            {
                var importance = MathF.Abs(adapter[i] * (gradient[i] * clip));
                _importance[i] = _importance[i] * kept1 + importance * new1;
                _uncertainty[i] = _uncertainty[i] * kept2 + MathF.Abs(importance - _importance[i]) * new2;
            }
        }
    }

    private void Score(RankTriplet layer, Span<float> scores)
    {
        var (a, b, e) = (_layout.Slices[layer.A], _layout.Slices[layer.B], _layout.Slices[layer.E]);
        var (columns, rows) = (a.Length / scores.Length, b.Length / scores.Length);
        var row = new float[columns];
        var columnSums = new double[scores.Length];
        for (var i = 0; i < b.Length; i++)
            columnSums[i % scores.Length] += Element(b.Offset + i);
        for (var rank = 0; rank < scores.Length; rank++)
        {
            for (var i = 0; i < columns; i++)
                row[i] = Element(a.Offset + rank * columns + i);
            scores[rank] = Element(e.Offset + rank) + ((float)(BlockSum.Sum(row) / columns) + (float)(columnSums[rank] / rows));
        }
    }

    private float Element(int i) => _importance[i] * _uncertainty[i];

    /// <summary>Ranks at or below the score of the last one beyond the budget go, however many have that score.</summary>
    private void Choose(int budget)
    {
        var scores = Scores();
        var ascending = scores.Order().ToArray();
        var excess = scores.Length - budget;
        for (var rank = 0; rank < scores.Length; rank++)
            _pruned[rank] = excess > 0 && scores[rank] <= ascending[excess - 1] ? 1 : 0;
    }

    private void Prune(Span<float> adapter)
    {
        foreach (var (slices, rank, at) in _layers)
            for (var i = 0; i < rank; i++)
                if (_pruned[at + i] == 1)
                    adapter[_layout.Slices[slices.E].Offset + i] = 0;
    }
}
