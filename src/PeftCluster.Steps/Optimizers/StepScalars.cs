using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Schedules;

namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// Every number of an optimizer step that a math library computes (powers, cosines), whose last bit may differ between
/// hosts. A commit record keeps them and a replay reads them, so that it reaches the same bits anywhere.
/// </summary>
/// <param name="LearningRate">The step's rate, before a group's factor.</param>
/// <param name="BiasCorrection1">1 − β₁ᵗ, t = step + 1.</param>
/// <param name="BiasCorrection2">1 − β₂ᵗ.</param>
public readonly record struct StepScalars(double LearningRate, double BiasCorrection1, double BiasCorrection2)
{
    /// <summary>The scalars of a step that is made now (not replayed).</summary>
    /// <param name="training">β₁ and β₂.</param>
    /// <param name="schedule">The job's schedule.</param>
    /// <param name="step">The step's number, from 0.</param>
    public static StepScalars Of(TrainingSpec training, LearningRateSchedule schedule, int step) => new(
        schedule.At(step),
        1 - Math.Pow(training.AdamBeta1, step + 1),
        1 - Math.Pow(training.AdamBeta2, step + 1));
}
