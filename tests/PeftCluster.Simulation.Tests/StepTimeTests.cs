using PeftCluster.Benchmarks.Model;

namespace PeftCluster.Simulation.Tests;

/// <summary>The model of docs/performance.md beside what the machines do on such a network. Nothing is measured here: the time is virtual, and each run gives the same figures again.</summary>
public sealed class StepTimeTests
{
    private const double Add = 8e9, Update = 1.5e9, Messages = 0.001;

    public static TheoryData<double, int, double> Networks()
    {
        var data = new TheoryData<double, int, double>();
        foreach (var gigabits in new[] { 10.0, 25, 100 })
            foreach (var (workers, parameters) in new[] { (1, 1e6), (2, 170e6), (4, 1e6), (8, 4e6), (16, 20e6), (64, 4e6), (128, 20e6), (256, 1e6) })
                data.Add(gigabits, workers, parameters);
        return data;
    }

    /// <summary>
    /// A hundredth: the model has every byte, addition and message that the machines have in a step, so only what the clock rounds is left (100 ns an event), and that the
    /// worker whose vector is added first may have its next message a little earlier.
    /// </summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void A_step_takes_what_the_model_says(double gigabits, int workers, double parameters)
    {
        var rate = Math.Min(gigabits / 8 * 1e9 * 0.94, 4e9);
        var simulated = new StarSimulation(workers, parameters, new StarRates(rate, Add, Update, Messages)).Run();
        var seconds = simulated.Steps[^1].Seconds - StarSimulation.GradientSeconds;
        var model = new StepTimeModel(rate, rate, Add, Update, Messages).Seconds(workers, parameters);
        Assert.InRange(seconds / model, 0.99, 1.01);
        Assert.Empty(simulated.Warnings);
    }
}
