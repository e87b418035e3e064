using System.Diagnostics;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Steps.Schedules;

/// <summary>
/// The learning rate of each step: learning_rate × a factor that rises on a straight line over the warm-up and then falls
/// as lr_scheduler_type says. Term by term as transformers' optimization.py computes it.
/// </summary>
/// <param name="training">Peak rate, shape, warm-up.</param>
/// <param name="totalSteps">Steps of the whole job.</param>
public sealed class LearningRateSchedule(TrainingSpec training, int totalSteps)
{
    /// <summary>warmup_steps where it is above 0, else ceil(total steps × warmup_ratio).</summary>
    public int WarmupSteps { get; } = training.WarmupSteps > 0 ? training.WarmupSteps : (int)Math.Ceiling(totalSteps * training.WarmupRatio);

    /// <summary>The rate that a step is made with.</summary>
    /// <param name="step">The step's number, from 0.</param>
    public double At(int step) => training.LearningRate * Factor(step);

    private double Factor(int step)
    {
        if (step < WarmupSteps)
            return (double)step / Math.Max(1, WarmupSteps);
        var left = Math.Max(1, totalSteps - WarmupSteps);
        return training.LrSchedulerType switch
        {
            LrSchedulerType.Linear => Math.Max(0, (double)(totalSteps - step) / left),
            LrSchedulerType.Cosine => Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * ((double)(step - WarmupSteps) / left)))),
            LrSchedulerType.Constant => 1,
            _ => throw new UnreachableException($"no schedule for {training.LrSchedulerType}"),
        };
    }
}
