using System.Diagnostics;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Steps.Schedules;

/// <summary>
/// The learning rate of each step: learning_rate × a factor that rises over the warm-up and then falls as lr_scheduler_type says
/// (<see cref="Falls"/>, <see cref="OneCycle"/>). Term by term as transformers' optimization.py and torch's OneCycleLR compute it.
/// </summary>
/// <param name="training">Peak rate, shape, warm-up.</param>
/// <param name="totalSteps">Steps of the whole job.</param>
public sealed class LearningRateSchedule(TrainingSpec training, int totalSteps)
{
    private readonly Falls _falls = new(training, WarmupOf(training, totalSteps), totalSteps);

    /// <summary>warmup_steps where it is above 0, else ceil(total steps × warmup_ratio).</summary>
    public int WarmupSteps { get; } = WarmupOf(training, totalSteps);

    /// <summary>The rate that a step is made with.</summary>
    /// <param name="step">The step's number, from 0.</param>
    public double At(int step) => training.LrSchedulerType == LrSchedulerType.OneCycle
        ? OneCycle.Rate(training, totalSteps, step)
        : training.LearningRate * Factor(step);

    /// <summary>The momentum (AdamW's β₁) that a step is made with, where the schedule moves it; null: the optimizer's own.</summary>
    /// <param name="step">The step's number, from 0.</param>
    public double? MomentumAt(int step) => training is { LrSchedulerType: LrSchedulerType.OneCycle, LrSchedulerKwargs.CycleMomentum: true }
        ? OneCycle.Momentum(training.LrSchedulerKwargs, totalSteps, step)
        : null;

    private static int WarmupOf(TrainingSpec training, int totalSteps) =>
        training.WarmupSteps > 0 ? training.WarmupSteps : (int)Math.Ceiling(totalSteps * training.WarmupRatio);

    private double Factor(int step)
    {
        if (training.LrSchedulerType == LrSchedulerType.CosineWarmupWithMinLr)
            return _falls.CosineWarmupWithMinimum(step);
        if (training.LrSchedulerType == LrSchedulerType.WarmupStableDecay)
            return _falls.WarmupStableDecay(step);
        if (step < WarmupSteps)
            return (double)step / Math.Max(1, WarmupSteps);
        return training.LrSchedulerType switch
        {
            LrSchedulerType.Linear => _falls.Linear(step),
            LrSchedulerType.Cosine => _falls.Cosine(step),
            LrSchedulerType.Constant => 1,
            LrSchedulerType.CosineWithRestarts => _falls.CosineWithRestarts(step),
            LrSchedulerType.CosineWithMinLr => _falls.CosineWithMinimum(step),
            LrSchedulerType.Polynomial => _falls.Polynomial(step),
            LrSchedulerType.InverseSqrt => _falls.InverseSquareRoot(step),
            _ => throw new UnreachableException($"no schedule for {training.LrSchedulerType}"),
        };
    }
}
