using System.Text.Json;
using PeftCluster.Acceptance.Tests.House;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>examples/t-few as its README says: 32 labelled examples are worth training on, random labels are not. No order of methods is looked at.</summary>
[Trait("Category", "Slow")]
public sealed class TFewTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("peftcluster-t-few-").FullName;

    [Fact]
    public async Task Training_on_few_examples_beats_the_base_by_ten_points_and_random_labels_teach_nothing()
    {
        // One of the example's seeds and half its steps: enough for so large a difference.
        var told = (await Peft.RunAsync(
            Repository.Root, "compare", "examples/t-few/compare.yaml", "--seeds", "0", "--set", "training.max_steps=100", "--output", _folder, "--json")).With(0).Json;

        var arms = told.GetProperty("arms").EnumerateArray().ToDictionary(arm => arm.GetProperty("arm").GetString()!);
        Assert.Equal(9, arms.Count);
        Assert.All(arms.Values, arm => Assert.Equal([0], arm.GetProperty("seeds").EnumerateArray().Select(seed => seed.GetProperty("seed").GetInt32())));
        Assert.All(arms.Values, arm => Assert.Equal(4, arm.GetProperty("seeds")[0].GetProperty("templates").GetArrayLength()));
        var (zero, random) = (arms["zero-shot"], arms["t-few, random labels"]);
        var best = arms.Values.Where(arm => arm.GetProperty("kind").GetString() == "method").Max(Median);
        Assert.True(best >= Median(zero) + 0.1, $"best {best}, zero-shot {Median(zero)}");
        var error = Math.Sqrt(Median(zero) * (1 - Median(zero)) / zero.GetProperty("rows").GetInt32());
        Assert.True(Median(random) <= Median(zero) + 3 * error, $"random labels {Median(random)}, zero-shot {Median(zero)}, standard error {error}");
        Assert.Equal(1408, arms["t-few"].GetProperty("trained_parameters").GetInt32());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static double Median(JsonElement arm) => arm.GetProperty("accuracy").GetProperty("median").GetDouble();
}
