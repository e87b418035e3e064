using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Schedules;

namespace PeftCluster.Steps.Tests.Optimizers;

public sealed class AdapterStateTests
{
    private static readonly TrainingSpec Training = new() { LearningRate = 1e-2, MaxGradNorm = 1, LrSchedulerType = LrSchedulerType.Constant };
    private static readonly VectorLayout Layout = VectorLayout.Of([("a", [2], new ParameterGroup())]);
    private static readonly float[] Long = [30, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private readonly LearningRateSchedule _schedule = new(Training, 10);

    [Fact]
    public void A_long_gradient_is_clipped_before_the_optimizer_sees_it()
    {
        var state = new AdapterState(Layout, Training, 0, new float[16]);
        var update = state.Advance(_schedule, Long);
        Assert.Equal(50, update.GradientNorm);
        Assert.Equal(1 / 50.000001, update.ClipFactor, tolerance: 1e-15);
        Assert.Equal(0.1 * 30 / 50, state.Vectors[0].Values.Span[0], tolerance: 1e-6);
        Assert.Equal(1, state.Version);
    }

    [Fact]
    public void A_repeated_step_takes_the_recorded_numbers()
    {
        var (made, repeated) = (new AdapterState(Layout, Training, 0, new float[16]), new AdapterState(Layout, Training, 0, new float[16]));
        repeated.Repeat(made.Advance(_schedule, Long), Long);
        Assert.Equal(made.Adapter.ToArray(), repeated.Adapter.ToArray());
        repeated.Repeat(new StepUpdate(new StepScalars(0, 0.5, 0.5), 1, 1), Long);
        Assert.Equal(made.Adapter.ToArray(), repeated.Adapter.ToArray());
        Assert.Equal(2, repeated.Version);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_gradient_that_is_not_finite_is_refused_and_changes_nothing(float bad)
    {
        var state = new AdapterState(Layout, Training, 3, new float[16]);
        Assert.Throws<ArgumentException>(() => state.Advance(_schedule, Long.Select((g, i) => i == 1 ? bad : g).ToArray()));
        Assert.Equal(3, state.Version);
        Assert.All(state.Vectors[0].Values.ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void The_given_adapter_is_copied()
    {
        var given = new float[16];
        new AdapterState(Layout, Training, 0, given).Advance(_schedule, Long);
        Assert.All(given, value => Assert.Equal(0, value));
    }
}
