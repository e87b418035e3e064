using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Examples.Make.Pretraining;

/// <summary>
/// Trains a base: AdamW, warm-up and linear decay, loss on the answers only (with the loss on whole rows a small base does not learn to
/// copy). The model is the product's own, over weights that require gradients.
/// </summary>
public sealed class Pretrainer
{
    private const double PeakRate = 3e-3, WeightDecay = 0.05, MaxGradNorm = 1;
    private const int Warmup = 100;

    private readonly TrainableWeights _weights;
    private readonly AdamW _optimizer;
    private readonly int _steps;

    public Pretrainer(TrainableWeights weights, int steps)
    {
        (_weights, _steps) = (weights, steps);
        _optimizer = new AdamW(weights.All, beta1: 0.9, beta2: 0.98, WeightDecay);
    }

    /// <summary>One step on some batches, whose learnt places all weigh the same.</summary>
    /// <param name="step">From 1.</param>
    /// <param name="draw">Makes the batches, in this step's dispose scope.</param>
    /// <returns>The mean loss of all places.</returns>
    public double Step(int step, Func<IReadOnlyList<LearntBatch>> draw)
    {
        using var scope = NewDisposeScope();
        var rate = PeakRate * Math.Min((double)step / Warmup, (_steps - step + 1.0) / (_steps - Warmup));
        _optimizer.ZeroGradients();
        var batches = draw();
        var places = batches.Sum(batch => batch.RowOfPlace.Count);
        var loss = batches.Sum(batch => Learn(batch, places));
        nn.utils.clip_grad_norm_(_weights.All, MaxGradNorm);
        _optimizer.Step(rate);
        return loss;
    }

    /// <summary>
    /// The share of rows whose learnt answers are exactly what greedy generation would write: that is so if and only if
    /// the likeliest token is right at each place of the true answer, and one pass over that answer tells.
    /// </summary>
    /// <param name="rows">How many rows.</param>
    /// <param name="draw">Makes their batch, in this call's dispose scope.</param>
    public static double ExactMatch(int rows, Func<LearntBatch> draw)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var batch = draw();
        var right = batch.Logits().argmax(-1).eq(batch.Next).to(ScalarType.Int64).data<long>().ToArray();
        var wrongRows = batch.RowOfPlace.Where((_, place) => right[place] == 0).Distinct().Count();
        return 1 - wrongRows / (double)rows;
    }

    private static double Learn(LearntBatch batch, int places)
    {
        using var scope = NewDisposeScope();
        var loss = nn.functional.cross_entropy(batch.Logits(), batch.Next, reduction: nn.Reduction.Sum).DividedBy(places);
        loss.backward();
        return loss.item<float>();
    }
}
