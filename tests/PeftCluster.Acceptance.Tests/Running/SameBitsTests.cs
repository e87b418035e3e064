using PeftCluster.Acceptance.Tests.Worlds;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>The product's first claim, on a tiny model: neither workers nor messages change a bit, and a planted fault is found.</summary>
[Trait("Category", "Slow")]
public sealed class SameBitsTests : IDisposable
{
    private readonly TinyWorld _world = TinyWorld.Create();

    [Theory]
    [InlineData("0")]
    [InlineData("0.1")]
    public async Task One_to_four_workers_and_any_order_give_one_adapter(string dropout)
    {
        string[] set = ["--set", $"method.lora_dropout={dropout}", "--set", "training.max_steps=12", "--set", "evaluation.shots=[]", "--json"];
        var verified = (await Peft.RunAsync(_world.Folder,
            ["verify", "same-bits", "job.yaml", "--workers", "1,2,3,4", "--schedules", "2", "--seed", "5", .. set])).With(0);
        var trained = (await Peft.RunAsync(_world.Folder, ["train", "job.yaml", .. set])).With(0);

        var hashes = Hashes(verified);
        Assert.True(verified.Json.GetProperty("same").GetBoolean());
        Assert.Equal(8, hashes.Count);
        Assert.Equal([trained.Sha256], hashes.Distinct());
    }

    [Fact]
    public async Task Measuring_during_training_early_stopping_and_the_best_version_give_one_adapter_too()
    {
        string[] set =
        [
            "--set", "training.learning_rate=0.2", "--set", "training.lr_scheduler_type=constant", "--set", "training.eval_steps=3",
            "--set", "training.group_by_length=false", "--set", "training.early_stopping_patience=1", "--set", "training.load_best_model_at_end=true",
            "--set", "evaluation.shots=[]", "--json",
        ];
        var verified = (await Peft.RunAsync(_world.Folder, ["verify", "same-bits", "job.yaml", "--workers", "1,3", "--seed", "5", .. set])).With(0);
        var trained = (await Peft.RunAsync(_world.Folder, ["train", "job.yaml", .. set])).With(0);

        var asProcesses = (await Peft.RunAsync(_world.Folder, ["verify", "same-bits", "job.yaml", "--processes", "--workers", "2", "--seed", "5", .. set])).With(0);

        Assert.Equal([trained.Sha256], Hashes(verified).Distinct());
        Assert.Equal([trained.Sha256], Hashes(asProcesses));
        Assert.StartsWith("stopped early after step ", trained.Json.GetProperty("reason").GetString());
        Assert.True(trained.Json.GetProperty("best").GetProperty("step").GetInt32() < trained.Json.GetProperty("steps").GetInt32());
    }

    [Theory]
    [InlineData("{type: adalora, init_r: 4, target_r: 2, tinit: 2, tfinal: 3, delta_t: 2, lora_dropout: 0.1}", "ADALORA")]
    [InlineData("{type: ia3}", "IA3")]
    [InlineData("{type: lora, use_dora: true, lora_dropout: 0.1}", "LORA", "training.ema_decay=0.9")]
    [InlineData("{type: p_tuning, num_virtual_tokens: 4, encoder_hidden_size: 32}", "P_TUNING")]
    public async Task A_method_gives_one_adapter_from_any_workers_and_generates_with_it(string method, string type, string besides = "training.ema_decay=")
    {
        string[] set = ["--set", $"method={method}", "--set", "training.max_steps=10", "--set", "evaluation.shots=[]", "--set", besides, "--json"];
        var verified = (await Peft.RunAsync(_world.Folder, ["verify", "same-bits", "job.yaml", "--workers", "1,2,3", "--schedules", "1", "--seed", "5", .. set])).With(0);
        var trained = (await Peft.RunAsync(_world.Folder, ["train", "job.yaml", .. set])).With(0);

        Assert.Equal([trained.Sha256], Hashes(verified).Distinct());
        Assert.Contains($"\"peft_type\": \"{type}\"", File.ReadAllText(_world["runs/tiny/adapter/adapter_config.json"]), StringComparison.Ordinal);
        (await Peft.RunAsync(_world.Folder, "generate", "--model", "base", "--adapter", "runs/tiny/adapter", "--prompt", "Ann wants 20 red mugs:")).With(0);
    }

    [Fact]
    public async Task Adding_in_the_order_of_arrival_is_found()
    {
        var answer = await Peft.RunAsync(_world.Folder,
            "verify", "same-bits", "job.yaml", "--workers", "2,4", "--schedules", "3", "--seed", "5", "--sabotage", "arrival-order", "--json");

        answer.With(1);
        Assert.False(answer.Json.GetProperty("same").GetBoolean());
    }

    public void Dispose() => _world.Dispose();

    private static List<string?> Hashes(Answer answer) => [.. answer.Json.GetProperty("hashes").EnumerateObject().Select(run => run.Value.GetString())];
}
