using PeftCluster.Acceptance.Tests.Worlds;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>A model with an encoder goes every way that a decoder goes: training, measuring, generating, the same bits.</summary>
[Trait("Category", "Slow")]
public sealed class EncoderDecoderTests : IDisposable
{
    private readonly TinyWorld _world = TinyWorld.Create();

    public EncoderDecoderTests() => TinyT5.Write(_world);

    [Fact]
    public async Task A_T5_learns_is_measured_with_examples_and_answers()
    {
        var trained = (await Peft.RunAsync(_world.Folder, "train", "job.yaml", "--set", "method={type: lora, r: 4}", "--set", "training.learning_rate=0.02", "--json")).With(0);
        var measured = (await Peft.RunAsync(_world.Folder, "eval", "job.yaml", "--json")).With(0);
        var answer = await Peft.RunAsync(_world.Folder, "generate", "--model", "base", "--adapter", "runs/tiny/adapter", "--prompt", "Ann wants 17 red mugs:", "--max-new-tokens", "4", "--json");

        double Of(string target, string what) => trained.Json.GetProperty("evaluation").GetProperty(target).GetProperty(what).GetDouble();
        Assert.True(Of("adapter", "loss") < Of("zero_shot", "loss") - 0.5, $"{Of("zero_shot", "loss")} → {Of("adapter", "loss")}");
        Assert.True(Of("one_shot", "prompt_tokens") > Of("zero_shot", "prompt_tokens") + 20);
        Assert.Equal(trained.Json.GetProperty("evaluation").GetRawText(), measured.Json.GetProperty("evaluation").GetRawText());
        Assert.NotNull(answer.With(0).Json.GetProperty("text").GetString());
        Assert.Contains("\"task_type\": \"SEQ_2_SEQ_LM\"", File.ReadAllText(_world["runs/tiny/adapter/adapter_config.json"]), StringComparison.Ordinal);
        var card = File.ReadAllText(_world["runs/tiny/adapter/README.md"]);
        Assert.Contains("AutoModelForSeq2SeqLM.from_pretrained(base)", card, StringComparison.Ordinal);
        Assert.Contains("zero-shot", card, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_and_dropout_change_no_bit()
    {
        string[] set = ["--set", "method={type: lora, r: 4, lora_dropout: 0.1}", "--set", "evaluation.shots=[]", "--json"];

        var verified = (await Peft.RunAsync(_world.Folder, ["verify", "same-bits", "job.yaml", "--workers", "1,3", "--schedules", "1", "--seed", "5", .. set])).With(0);

        Assert.True(verified.Json.GetProperty("same").GetBoolean());
    }

    [Fact]
    public async Task An_adapter_of_a_decoder_and_an_empty_prompt_are_refused()
    {
        (await Peft.RunAsync(_world.Folder, "train", "job.yaml", "--set", "method={type: lora}", "--set", "evaluation.shots=[]", "--quiet")).With(0);
        var config = _world["runs/tiny/adapter/adapter_config.json"];
        File.WriteAllText(config, File.ReadAllText(config).Replace("SEQ_2_SEQ_LM", "CAUSAL_LM", StringComparison.Ordinal));
        File.AppendAllText(_world["train.jsonl"], """{"prompt": "", "completion": "red"}""" + "\n");
        File.WriteAllText(_world["base/tokenizer.json"], File.ReadAllText(_world["base/tokenizer.json"]).Replace("\"post_processor\"", "\"no_processor\"", StringComparison.Ordinal));

        var answer = await Peft.RunAsync(_world.Folder, "generate", "--model", "base", "--adapter", "runs/tiny/adapter", "--prompt", "Ann");
        var training = await Peft.RunAsync(_world.Folder, "train", "job.yaml", "--set", "method={type: lora}", "--set", "output.folder=runs/again");

        Assert.Contains("the adapter is for CAUSAL_LM, but a base model of model_type t5 is for SEQ_2_SEQ_LM", answer.With(2).Error, StringComparison.Ordinal);
        Assert.Contains("train.jsonl:65: the prompt is empty, and the model's encoder needs something to read", training.With(2).Error, StringComparison.Ordinal);
    }

    public void Dispose() => _world.Dispose();
}
