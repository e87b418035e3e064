using System.Diagnostics;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Schedules;

namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// Every number of an optimizer step that a math library computes (powers, cosines), whose last bit may differ between
/// hosts. A commit record keeps them and a replay reads them, so that it reaches the same bits anywhere.
/// </summary>
/// <param name="LearningRate">The step's rate, before a group's factor.</param>
/// <param name="BiasCorrection1">AdamW: 1 − β₁ᵗ, t = step + 1. Others: 1.</param>
/// <param name="BiasCorrection2">AdamW: 1 − β₂ᵗ. Adafactor: the second moment's decay, 1 − t to the power of decay_rate, which corrects the same bias. SGD: 1.</param>
/// <param name="Momentum">AdamW's β₁ or SGD's momentum where the schedule moves it; null: the job's.</param>
public readonly record struct StepScalars(double LearningRate, double BiasCorrection1, double BiasCorrection2, double? Momentum = null)
{
    /// <summary>The scalars of a step that is made now (not replayed).</summary>
    /// <param name="training">The optimizer and its numbers.</param>
    /// <param name="schedule">The job's schedule.</param>
    /// <param name="step">The step's number, from 0.</param>
    public static StepScalars Of(TrainingSpec training, LearningRateSchedule schedule, int step)
    {
        var (momentum, t) = (schedule.MomentumAt(step), step + 1);
        return training.Optim switch
        {
            OptimizerType.Adamw => new(schedule.At(step), 1 - Math.Pow(momentum ?? training.AdamBeta1, t), 1 - Math.Pow(training.AdamBeta2, t), momentum),
            OptimizerType.Adafactor => new(training.Adafactor.RelativeStep ? RelativeRate(training.Adafactor, t) : schedule.At(step), 1, 1 - Math.Pow(t, training.Adafactor.DecayRate)),
            OptimizerType.Sgd => new(schedule.At(step), 1, 1, training.Sgd.Momentum > 0 ? momentum : null),
            _ => throw new UnreachableException($"no scalars for {training.Optim}"),
        };
    }

    private static double RelativeRate(AdafactorSpec adafactor, int t) => Math.Min(adafactor.WarmupInit ? 1e-6 * t : 1e-2, 1 / Math.Sqrt(t));
}
