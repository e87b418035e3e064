using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Schedules;

namespace PeftCluster.Steps.Tests.Optimizers;

public sealed class MovingAverageTests
{
    private const int Steps = 60;

    private static readonly VectorLayout _layout = VectorLayout.Of([("a", [5], new ParameterGroup()), ("b", [3, 7], new ParameterGroup())]);

    [Theory]
    [InlineData(0.9, 0)]
    [InlineData(0.999, 0)]
    [InlineData(0.5, 20)]
    [InlineData(0.99, 59)]
    public void It_is_the_sum_that_the_definition_gives(double decay, int after)
    {
        var versions = Run(decay, after, out var state);
        // Term by term from the end: version v counts with (1 − d_v) × the decays of all later ones.
        var due = new double[_layout.Length];
        var kept = 1.0;
        for (var v = Steps; v > 0; v--)
        {
            var n = v - 1 - after;
            var d = n <= 0 ? 0 : Math.Min(decay, (1.0 + n) / (10 + n));
            for (var i = 0; i < due.Length; i++)
                due[i] += kept * (1 - d) * versions[v][i];
            kept *= d;
        }
        for (var i = 0; i < due.Length; i++)
            Assert.Equal(due[i], state.Result.Span[i], tolerance: 1e-5);
    }

    [Fact]
    public void It_is_the_adapter_itself_until_it_remembers_and_padding_stays_zero()
    {
        var versions = Run(0.9, 58, out var state);
        Assert.NotEqual(versions[Steps], state.Result.ToArray());
        Run(0.9, 59, out state);
        Assert.Equal(versions[Steps], state.Result.ToArray());
        Run(0.9, 0, out state);
        Assert.All(Enumerable.Range(5, 11).Concat(Enumerable.Range(16 + 21, 11)), i => Assert.Equal(0, state.Result.Span[i]));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 2 / 11.0)]
    [InlineData(82, 82 / 91.0)]
    [InlineData(1000, 0.95)]
    public void The_decay_warms_up_as_diffusers_does(int version, double decay) =>
        Assert.Equal(decay, MovingAverage.DecayAt(new TrainingSpec { EmaDecay = 0.95 }, version), tolerance: 1e-15);

    private static List<float[]> Run(double decay, int after, out AdapterState state)
    {
        var training = new TrainingSpec { LearningRate = 0.1, EmaDecay = decay, EmaUpdateAfterStep = after, LrSchedulerType = LrSchedulerType.Constant };
        var random = new Random(3);
        float[] Numbers() => [.. Enumerable.Range(0, _layout.Length).Select(i => i is >= 5 and < 16 or >= 37 ? 0 : (float)(random.NextDouble() - 0.5))];
        state = new AdapterState(_layout, training, 0, Numbers());
        List<float[]> versions = [state.Adapter.ToArray()];
        for (var step = 0; step < Steps; step++)
        {
            state.Advance(new LearningRateSchedule(training, Steps), Numbers());
            versions.Add(state.Adapter.ToArray());
        }
        return versions;
    }
}
