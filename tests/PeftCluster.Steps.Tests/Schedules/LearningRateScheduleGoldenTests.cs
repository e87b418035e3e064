using System.Text.Json;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Schedules;
using PeftCluster.Tests;

namespace PeftCluster.Steps.Tests.Schedules;

/// <summary>Rates, and one-cycle's β₁, against those of transformers' and torch's schedulers, for every golden case.</summary>
public sealed class LearningRateScheduleGoldenTests
{
    [Fact]
    public void Rates_are_those_of_transformers_and_torch()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(GoldenFolder.Of("extra", "schedules", "schedules.json")));
        foreach (var golden in cases.RootElement.EnumerateArray())
        {
            var arguments = golden.GetProperty("arguments");
            var training = new TrainingSpec
            {
                LearningRate = golden.GetProperty("base_lr").GetDouble(),
                LrSchedulerType = TypeOf(golden),
                WarmupSteps = Whole(arguments, "num_warmup_steps") ?? 0,
                LrSchedulerKwargs = Given(arguments),
            };
            // A warm-up and plateau of given lengths say how many steps there are.
            var total = Whole(arguments, "num_training_steps") ?? Whole(arguments, "total_steps") ?? 1;
            var schedule = new LearningRateSchedule(training, total);
            var step = 0;
            foreach (var rate in golden.GetProperty("lr").EnumerateArray())
                Assert.Equal(rate.GetDouble(), schedule.At(step++), tolerance: 1e-15);
            step = 0;
            if (golden.TryGetProperty("beta1", out var momenta))
                foreach (var momentum in momenta.EnumerateArray())
                    Assert.Equal(momentum.GetDouble(), schedule.MomentumAt(step++)!.Value, tolerance: 1e-14);
            else
                Assert.Null(schedule.MomentumAt(step));
        }
        Assert.Equal(22, cases.RootElement.GetArrayLength());
    }

    private static LrSchedulerType TypeOf(JsonElement golden) => golden.GetProperty("schedule").GetString() switch
    {
        "constant_with_warmup" => LrSchedulerType.Constant,
        var name => Enum.Parse<LrSchedulerType>(name!.Replace("_", "", StringComparison.Ordinal), ignoreCase: true),
    };

    private static SchedulerSpec Given(JsonElement arguments)
    {
        var none = new SchedulerSpec();
        return new SchedulerSpec
        {
            NumCycles = Number(arguments, "num_cycles"),
            Power = Number(arguments, "power") ?? none.Power,
            LrEnd = Number(arguments, "lr_end") ?? none.LrEnd,
            Timescale = Whole(arguments, "timescale"),
            MinLr = Number(arguments, "min_lr"),
            MinLrRate = Number(arguments, "min_lr_rate"),
            WarmupLrRate = Number(arguments, "warmup_lr_rate"),
            NumStableSteps = Whole(arguments, "num_stable_steps"),
            NumDecaySteps = Whole(arguments, "num_decay_steps"),
            MinLrRatio = Number(arguments, "min_lr_ratio") ?? none.MinLrRatio,
            WarmupType = Shape(arguments, "warmup_type") ?? none.WarmupType,
            DecayType = Shape(arguments, "decay_type") ?? none.DecayType,
            PctStart = Number(arguments, "pct_start") ?? none.PctStart,
            AnnealStrategy = Shape(arguments, "anneal_strategy") ?? none.AnnealStrategy,
            ThreePhase = arguments.TryGetProperty("three_phase", out var three) && three.GetBoolean(),
            DivFactor = Number(arguments, "div_factor") ?? none.DivFactor,
            FinalDivFactor = Number(arguments, "final_div_factor") ?? none.FinalDivFactor,
            BaseMomentum = Number(arguments, "base_momentum") ?? none.BaseMomentum,
            MaxMomentum = Number(arguments, "max_momentum") ?? none.MaxMomentum,
        };
    }

    private static DecayShape? Shape(JsonElement arguments, string name) => arguments.TryGetProperty(name, out var shape)
        ? shape.GetString() switch
        {
            "linear" => DecayShape.Linear,
            "cos" or "cosine" => DecayShape.Cosine,
            "1-sqrt" => DecayShape.OneMinusSqrt,
            var other => throw new InvalidDataException(other),
        }
        : null;

    private static double? Number(JsonElement arguments, string name) => arguments.TryGetProperty(name, out var value) ? value.GetDouble() : null;

    private static int? Whole(JsonElement arguments, string name) => arguments.TryGetProperty(name, out var value) ? value.GetInt32() : null;
}
