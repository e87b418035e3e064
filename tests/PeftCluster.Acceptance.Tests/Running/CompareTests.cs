using System.Text.Json;
using PeftCluster.Acceptance.Tests.Worlds;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>Prompting and methods in one table: what is told, and that an interrupted comparison ends as an undisturbed one.</summary>
[Trait("Category", "Slow")]
public sealed class CompareTests : IDisposable
{
    private const string Comparison = """
        job:
          model: base
          data: { train: train.jsonl, eval: heldout.jsonl, format: completion, max_length: 64, train_examples: 16 }
          training: { max_steps: 30, micro_batch_size: 4, micro_batches: 2, save_steps: 5, learning_rate: 5.0e-3 }
          evaluation: { max_new_tokens: 4 }
          resources: { workers: 1, threads: 1 }
        prompting: { shots: [0, 2], wrong_labels: 1 }
        methods:
          - method: { type: lora, r: 4, target_modules: [q_proj, v_proj] }
          - method: { type: ia3 }
        output: { folder: runs/compared }
        """;

    private readonly TinyWorld _world = TinyWorld.Create();

    public CompareTests() => File.WriteAllText(_world["compare.yaml"], Comparison);

    [Fact]
    public async Task Every_arm_and_seed_is_told_and_what_is_done_is_not_done_again()
    {
        var first = (await RunAsync("--seeds", "0-1")).With(0).Json;
        var again = (await RunAsync("--seeds", "0-1")).With(0);

        Assert.Equal(["zero-shot", "two-shot", "two-shot, 100 % wrong", "lora", "ia3"], Arms(first).Select(arm => arm.GetProperty("arm").GetString()));
        Assert.All(Arms(first), arm => Assert.Equal([0, 1], arm.GetProperty("seeds").EnumerateArray().Select(seed => seed.GetProperty("seed").GetInt32())));
        Assert.Equal([0, 0, 0], Arms(first).Take(3).Select(arm => arm.GetProperty("trained_parameters").GetInt32()));
        Assert.All(Arms(first).Skip(3), arm => Assert.True(arm.GetProperty("trained_parameters").GetInt32() > 0 && arm.GetProperty("training_flops_per_example").GetDouble() > arm.GetProperty("inference_flops_per_example").GetDouble()));
        Assert.True(Arms(first)[1].GetProperty("inference_flops_per_example").GetDouble() > Arms(first)[0].GetProperty("inference_flops_per_example").GetDouble());
        Assert.Equal(8, again.Out.Split('\n').Count(line => line.EndsWith("(done before)", StringComparison.Ordinal)));
        Assert.Equal(JsonSerializer.Serialize(first), JsonSerializer.Serialize(again.Json));
        Assert.Contains("<svg", await File.ReadAllTextAsync(_world["runs/compared/compare.html"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_comparison_that_was_interrupted_goes_on_and_ends_with_the_same_numbers()
    {
        string[] longer = ["--seeds", "3", "--set", "training.max_steps=150"];
        var undisturbed = (await RunAsync([.. longer, "--output", "runs/whole"])).With(0).Json;
        using (var peft = Peft.Start(_world.Folder, ["compare", "compare.yaml", .. longer, "--json"]))
        {
            await peft.SeesAsync("2/4");
            peft.Interrupt();
            Assert.Contains("paused; the same command goes on from here", (await peft.EndAsync()).With(3).Error, StringComparison.Ordinal);
        }

        var resumed = (await RunAsync(longer)).With(0);

        Assert.Contains("(done before)", resumed.Out, StringComparison.Ordinal);
        Assert.Equal(Losses(undisturbed), Losses(resumed.Json));
    }

    [Fact]
    public async Task A_mistake_in_one_arm_is_one_line_before_anything_runs()
    {
        var answer = (await RunAsync("--set", "method.rank=3")).With(2);

        Assert.StartsWith("--set method.rank: unknown key. Known here: r, lora_alpha", Assert.Single(answer.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_world["runs/compared"]));
    }

    [Theory]
    [InlineData("target_modules: [q_proj, v_proj]", "target_modules: [nothing]", "compare.yaml: lora, seed 0: method.target_modules: no module of this model is named \"nothing\".")]
    [InlineData("train_examples: 16", "train_examples: 99999", "compare.yaml: prompting, seed 0: data.train_examples: 99,999 is more than the ")]
    public async Task What_only_the_model_or_the_rows_refuse_names_its_arm_and_leaves_nothing(string from, string to, string line)
    {
        File.WriteAllText(_world["compare.yaml"], Comparison.Replace(from, to, StringComparison.Ordinal));

        var answer = (await RunAsync("--seeds", "0")).With(2);

        Assert.StartsWith(line, answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_world["runs/compared"]));
    }

    [Fact]
    public async Task A_comparison_whose_rows_have_changed_runs_anew()
    {
        // One prompt and one method: both kinds of arms.
        File.WriteAllText(_world["compare.yaml"], Comparison.Replace("[0, 2], wrong_labels: 1", "[0]", StringComparison.Ordinal).Replace("  - method: { type: ia3 }\n", "", StringComparison.Ordinal));
        string[] seed = ["--seeds", "0", "--set", "training.max_steps=2"];
        (await RunAsync(seed)).With(0);
        File.WriteAllLines(_world["train.jsonl"], File.ReadAllLines(_world["train.jsonl"])[..^1]);

        var again = (await RunAsync(seed)).With(0);

        Assert.DoesNotContain("(done before)", again.Out, StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();

    private Task<Answer> RunAsync(params string[] words) => Peft.RunAsync(_world.Folder, ["compare", "compare.yaml", .. words, "--json"]);

    private static JsonElement[] Arms(JsonElement told) => [.. told.GetProperty("arms").EnumerateArray()];

    private static IEnumerable<double> Losses(JsonElement told) => Arms(told).SelectMany(arm => arm.GetProperty("seeds").EnumerateArray()).Select(seed => seed.GetProperty("loss").GetDouble());
}
