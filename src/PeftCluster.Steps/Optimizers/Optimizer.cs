using System.Diagnostics;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;

namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// Makes a step of a gradient, in place: what the coordinator owns beside the adapter. Optimizers keep vectors under the names first_moment, a running mean or sum of
/// gradients or updates, and second_moment, one of squares; either may be missing or shorter than the layout.
/// </summary>
/// <param name="layout">The adapter's layout.</param>
public abstract class Optimizer(VectorLayout layout)
{
    protected const string FirstMoment = "first_moment", SecondMoment = "second_moment";

    /// <summary>What it keeps from step to step, and nothing more.</summary>
    public abstract IReadOnlyList<NamedVector> Vectors { get; }

    protected VectorLayout Layout => layout;

    /// <summary>The optimizer that a job names, as before the first step.</summary>
    public static Optimizer Of(VectorLayout layout, TrainingSpec training) => training.Optim switch
    {
        OptimizerType.Adamw => new AdamW(layout, training),
        OptimizerType.Adafactor => new Adafactor(layout, training),
        OptimizerType.Sgd => new Sgd(layout, training),
        _ => throw new UnreachableException($"no optimizer for {training.Optim}"),
    };

    /// <summary>One step: changes its vectors and the adapter. Padding is never touched.</summary>
    /// <param name="scalars">The step's scalars: computed now, or read from its record.</param>
    /// <param name="gradient">The summed gradient, not clipped; finite.</param>
    /// <param name="clipFactor">What the gradient is multiplied by (<see cref="GradientClipping"/>).</param>
    /// <param name="adapter">The parameters.</param>
    public abstract void Apply(StepScalars scalars, ReadOnlyMemory<float> gradient, double clipFactor, Memory<float> adapter);

    protected void Check(int length)
    {
        if (length != layout.Length)
            throw new ArgumentException($"the layout has {layout.Length} floats, not {length}");
    }
}
