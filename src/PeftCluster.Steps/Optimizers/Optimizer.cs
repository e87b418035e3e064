using System.Diagnostics;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;

namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// Makes a step of a gradient, in place: what the coordinator owns beside the adapter. Every optimizer keeps at most two vectors, which a snapshot holds under the names
/// first_moment and second_moment; either may be empty or shorter than the layout.
/// </summary>
/// <param name="layout">The adapter's layout.</param>
public abstract class Optimizer(VectorLayout layout)
{
    /// <summary>A running mean or sum of gradients or updates; empty where none is kept.</summary>
    public abstract ReadOnlyMemory<float> FirstMoment { get; }

    /// <summary>A running mean of squares; empty where none is kept.</summary>
    public abstract ReadOnlyMemory<float> SecondMoment { get; }

    protected VectorLayout Layout => layout;

    /// <summary>The optimizer that a job names, as before the first step.</summary>
    public static Optimizer Of(VectorLayout layout, TrainingSpec training) => training.Optim switch
    {
        OptimizerType.Adamw => new AdamW(layout, training),
        OptimizerType.Adafactor => new Adafactor(layout, training),
        OptimizerType.Sgd => new Sgd(layout, training),
        _ => throw new UnreachableException($"no optimizer for {training.Optim}"),
    };

    /// <summary>Takes up the vectors of a snapshot.</summary>
    /// <exception cref="ArgumentException">They have other lengths.</exception>
    public abstract void Restore(ReadOnlySpan<float> firstMoment, ReadOnlySpan<float> secondMoment);

    /// <summary>One step: changes the moments and the adapter. Padding is never touched.</summary>
    /// <param name="scalars">The step's scalars: computed now, or read from its record.</param>
    /// <param name="gradient">The summed gradient, not clipped; finite.</param>
    /// <param name="clipFactor">What the gradient is multiplied by (<see cref="GradientClipping"/>).</param>
    /// <param name="adapter">The parameters.</param>
    public abstract void Apply(StepScalars scalars, ReadOnlyMemory<float> gradient, double clipFactor, Memory<float> adapter);

    protected void Check(int length) => Check(length, layout.Length);

    protected static void Check(int length, int expected)
    {
        if (length != expected)
            throw new ArgumentException($"the layout has {expected} floats, not {length}");
    }
}
