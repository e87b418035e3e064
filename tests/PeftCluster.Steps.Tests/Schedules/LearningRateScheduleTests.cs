using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Schedules;

namespace PeftCluster.Steps.Tests.Schedules;

public sealed class LearningRateScheduleTests
{
    [Fact]
    public void Warmup_steps_win_over_the_ratio() =>
        Assert.Equal(3, new LearningRateSchedule(new TrainingSpec { WarmupSteps = 3, WarmupRatio = 0.5 }, 100).WarmupSteps);

    [Theory]
    [InlineData(0, 96, 0)]
    [InlineData(0.05, 96, 5)]
    [InlineData(0.03, 100, 3)]
    [InlineData(1, 7, 7)]
    public void The_ratio_is_rounded_up(double ratio, int total, int expected) =>
        Assert.Equal(expected, new LearningRateSchedule(new TrainingSpec { WarmupRatio = ratio }, total).WarmupSteps);

    [Theory]
    [InlineData(LrSchedulerType.Linear)]
    [InlineData(LrSchedulerType.Cosine)]
    public void The_rate_never_falls_below_zero_after_the_end(LrSchedulerType type)
    {
        var schedule = new LearningRateSchedule(new TrainingSpec { LrSchedulerType = type }, 10);
        for (var step = 0; step < 40; step++)
            Assert.InRange(schedule.At(step), 0, 2e-4);
        Assert.Equal(0, schedule.At(10));
    }
}
