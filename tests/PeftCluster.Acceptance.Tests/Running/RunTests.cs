using System.Security.Cryptography;
using PeftCluster.Acceptance.Tests.Worlds;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>One run from its job to its folder, then the commands that use what it left.</summary>
[Trait("Category", "Slow")]
public sealed class RunTests(TrainedWorld trained) : IClassFixture<TrainedWorld>
{
    private readonly TinyWorld _world = trained.World;

    [Fact]
    public void A_run_leaves_everything_that_it_promises()
    {
        var answer = trained.Answer;
        var json = answer.Json;
        Assert.Equal("completed", answer.Status);
        Assert.Equal(20, json.GetProperty("steps").GetInt32());
        Assert.Equal(_world["runs/tiny"], json.GetProperty("output").GetString());
        Assert.True(json.GetProperty("train_loss").GetDouble() > 0);
        Assert.True(json.GetProperty("seconds").GetDouble() > 0);
        Assert.Equal(["zero_shot", "one_shot", "few_shot", "adapter"], json.GetProperty("evaluation").EnumerateObject().Select(part => part.Name));
        Assert.Equal(["loss", "exact_match", "prompt_tokens"], json.GetProperty("evaluation").GetProperty("adapter").EnumerateObject().Select(part => part.Name));
        Assert.Equal(answer.Sha256, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_world["runs/tiny/adapter/adapter_model.safetensors"]))));
        foreach (var name in (string[])["job.yaml", "job.schema.json", "metrics.jsonl", "report.html", "run.log", "adapter/adapter_config.json", "adapter/README.md"])
            Assert.True(File.Exists(_world[$"runs/tiny/{name}"]), name);
        Assert.Single(Directory.GetFiles(_world["runs/tiny/tensorboard"]));
        Assert.Contains("zero-shot", File.ReadAllText(_world["runs/tiny/adapter/README.md"]), StringComparison.Ordinal);
        Assert.Equal(20, File.ReadLines(_world["runs/tiny/run.log"]).Count(line => line.Contains("DBG step", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_resolved_job_trains_the_same_adapter_again()
    {
        var second = await Peft.RunAsync(_world.Folder, "train", "runs/tiny/job.yaml", "--set", "output.folder=runs/again", "--set", "evaluation.shots=[]", "--json");

        Assert.Equal(trained.Answer.Sha256, second.With(0).Sha256);
    }

    [Fact]
    public async Task Evaluation_afterwards_finds_what_the_run_found()
    {
        var measured = (await Peft.RunAsync(_world.Folder, "eval", "job.yaml", "--json")).With(0);

        Assert.Equal(trained.Answer.Json.GetProperty("evaluation").GetRawText(), measured.Json.GetProperty("evaluation").GetRawText());
    }

    [Fact]
    public async Task Generate_answers_with_the_adapter()
    {
        var answer = await Peft.RunAsync(_world.Folder,
            "generate", "--model", "base", "--adapter", "runs/tiny/adapter", "--prompt", "Ann wants 17 red mugs:", "--max-new-tokens", "4", "--json");

        Assert.NotNull(answer.With(0).Json.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Quiet_with_json_is_one_line_and_no_held_out_rows_is_no_evaluation()
    {
        var answer = (await Peft.RunAsync(_world.Folder, "train", "job.yaml", "--set", "data.eval=null", "--set", "output.folder=runs/quiet", "--quiet", "--json")).With(0);

        Assert.Single(answer.Out.TrimEnd().Split('\n'));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, answer.Json.GetProperty("evaluation").ValueKind);
        Assert.Empty(answer.Error);
    }

    [Fact]
    public async Task A_dry_run_prints_the_whole_job_and_trains_nothing()
    {
        var answer = (await Peft.RunAsync(_world.Folder, "train", "job.yaml", "--dry-run", "--set", "output.folder=runs/dry", "--set", "training.adam_beta2=0.95")).With(0);

        Assert.Contains("adam_beta2: 0.95", answer.Out, StringComparison.Ordinal);
        Assert.Contains("max_grad_norm: 1", answer.Out, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_world["runs/dry"]));
    }
}
