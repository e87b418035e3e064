using System.Text.Json;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Schedules;
using PeftCluster.Tests;

namespace PeftCluster.Steps.Tests.Schedules;

/// <summary>Rates against those of transformers' schedulers, for every golden case of a shape that we have.</summary>
public sealed class LearningRateScheduleGoldenTests
{
    [Fact]
    public void Rates_are_those_of_transformers()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(GoldenFolder.Of("extra", "schedules", "schedules.json")));
        var compared = 0;
        foreach (var golden in cases.RootElement.EnumerateArray())
        {
            if (TypeOf(golden) is not { } type)
                continue;
            var arguments = golden.GetProperty("arguments");
            var training = new TrainingSpec
            {
                LearningRate = golden.GetProperty("base_lr").GetDouble(),
                LrSchedulerType = type,
                WarmupSteps = Argument(arguments, "num_warmup_steps") ?? 0,
            };
            var schedule = new LearningRateSchedule(training, Argument(arguments, "num_training_steps") ?? 1);
            var step = 0;
            foreach (var rate in golden.GetProperty("lr").EnumerateArray())
                Assert.Equal(rate.GetDouble(), schedule.At(step++), tolerance: 1e-15);
            compared++;
        }
        Assert.True(compared >= 5, $"{compared} cases");
    }

    private static LrSchedulerType? TypeOf(JsonElement golden) => golden.GetProperty("schedule").GetString() switch
    {
        "constant" or "constant_with_warmup" => LrSchedulerType.Constant,
        "linear" => LrSchedulerType.Linear,
        "cosine" when !golden.GetProperty("arguments").TryGetProperty("num_cycles", out _) => LrSchedulerType.Cosine,
        _ => null,
    };

    private static int? Argument(JsonElement arguments, string name) =>
        arguments.TryGetProperty(name, out var value) ? value.GetInt32() : null;
}
