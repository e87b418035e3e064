using PeftCluster.Acceptance.Tests.Worlds;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>A model that names classes is trained and measured by the same commands; only writing is not for it.</summary>
[Trait("Category", "Slow")]
public sealed class ClassifierTests : IDisposable
{
    private readonly TinyWorld _world = TinyWorld.Create();

    public ClassifierTests() => TinyRoberta.Write(_world);

    [Fact]
    public async Task A_RoBERTa_learns_its_classes_and_is_measured_and_writes_nothing()
    {
        string[] set = ["--set", "method={type: lora, r: 4}", "--set", "training.learning_rate=0.02", "--set", "training.max_steps=30", "--set", "evaluation.shots=[0]", "--json"];
        var trained = (await Peft.RunAsync(_world.Folder, ["train", "job.yaml", .. set])).With(0);
        var verified = (await Peft.RunAsync(_world.Folder, ["verify", "same-bits", "job.yaml", "--workers", "1,2", "--schedules", "1", "--seed", "5", .. set])).With(0);
        var answer = await Peft.RunAsync(_world.Folder, "generate", "--model", "base", "--prompt", "red mugs");

        double Of(string target, string what) => trained.Json.GetProperty("evaluation").GetProperty(target).GetProperty(what).GetDouble();
        Assert.True(Of("adapter", "exact_match") > 0.9, $"{Of("zero_shot", "exact_match")} → {Of("adapter", "exact_match")}");
        Assert.True(Of("adapter", "loss") < Of("zero_shot", "loss") - 0.5);
        Assert.True(verified.Json.GetProperty("same").GetBoolean());
        var config = File.ReadAllText(_world["runs/tiny/adapter/adapter_config.json"]);
        Assert.Contains("\"task_type\": \"SEQ_CLS\"", config, StringComparison.Ordinal);
        Assert.Contains("\"classifier\"", config, StringComparison.Ordinal);
        Assert.Contains("model_type roberta with a classification head names a text's class and writes no text", answer.With(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_completion_that_is_no_class_and_examples_in_prompts_are_refused()
    {
        var examples = await Peft.RunAsync(_world.Folder, "train", "job.yaml", "--set", "method={type: lora}", "--set", "evaluation.shots=[1]");
        File.AppendAllText(_world["train.jsonl"], """{"prompt": "mugs", "completion": "grey"}""" + "\n");
        var grey = await Peft.RunAsync(_world.Folder, "train", "job.yaml", "--set", "method={type: lora}", "--set", "evaluation.shots=[]", "--set", "output.folder=runs/grey");

        Assert.Contains("evaluation.shots: a classifier reads no examples", examples.Error, StringComparison.Ordinal);
        Assert.Contains("train.jsonl:97: \"grey\" is no class of the model. It has: red, green, blue", grey.With(2).Error, StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();
}
