using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Bench;

/// <summary>What is measured.</summary>
/// <param name="Config">The model; its weights are random.</param>
/// <param name="Method">The adapter.</param>
/// <param name="Batch">Rows of the one micro-batch.</param>
/// <param name="Length">Tokens of a row, all labelled; where there is an encoder so many in its source, and as many, labelled, in the target.</param>
/// <param name="Threads">Threads inside one operation.</param>
/// <param name="Steps">Measured steps, at least five.</param>
public sealed record StepBenchmarkOptions(ModelConfig Config, MethodSpec Method, int Batch, int Length, int Threads, int Steps = 7)
{
    /// <summary>The number format of the base's weights.</summary>
    public BaseDtype BaseDtype { get; init; } = BaseDtype.Float32;

    /// <summary>Which layers compute their activations again.</summary>
    public GradientCheckpointing GradientCheckpointing { get; init; } = GradientCheckpointing.Off;

    /// <summary>The most bytes that a step may take; null: what the machine has.</summary>
    public long? Memory { get; init; }

    /// <summary>Rows and columns of the product that is measured between steps; smaller in tests only.</summary>
    internal int ProductSize { get; init; } = 2048;
}

/// <summary>What a training step costs here. Times are medians.</summary>
/// <param name="MedianMs">Milliseconds of a whole step: the adapter goes in, the gradient comes out, the optimizer steps, freed memory goes back.</param>
/// <param name="ForwardMs">Of these, to the losses and the gradient at the last hidden states.</param>
/// <param name="BackwardMs">Of these, down to the lowest adapter.</param>
/// <param name="OptimizerMs">Of these, norm, clipping and AdamW.</param>
/// <param name="TokensPerSecond">Tokens of the batch ÷ <paramref name="MedianMs"/>.</param>
/// <param name="PeakRssMb">The most memory that the process had resident, in 10⁶ bytes.</param>
/// <param name="RecomputedLayers">Layers whose activations the backward pass computes again.</param>
/// <param name="EstimatedMb">What a step is thought to take, in 10⁶ bytes.</param>
/// <param name="MatmulGflops">10⁹ operations a second of a 2048³ float32 product, measured between the steps.</param>
/// <param name="FloorRatio"><paramref name="MedianMs"/> ÷ the time that <see cref="StepFlops"/> take at that rate.</param>
public sealed record StepBenchmarkResult(
    double MedianMs, double ForwardMs, double BackwardMs, double OptimizerMs,
    double TokensPerSecond, double PeakRssMb, int RecomputedLayers, double EstimatedMb, double MatmulGflops, double FloorRatio);
