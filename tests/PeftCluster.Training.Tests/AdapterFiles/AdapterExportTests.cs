using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Tests.AdapterFiles;

/// <summary>What an export says about the run that made it.</summary>
public sealed class AdapterExportTests
{
    private static readonly VectorLayout Layout = VectorLayout.Of(
    [
        ("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", [2, 3], new ParameterGroup()),
        ("base_model.model.model.layers.0.mlp.up_proj.lora_A.weight", [2, 3], new ParameterGroup()),
        ("base_model.model.model.layers.1.mlp.up_proj.lora_A.weight", [2, 3], new ParameterGroup()),
    ]);

    [Fact]
    public void All_linear_and_the_default_are_written_as_the_modules_found()
    {
        Assert.Equal("[\"q_proj\",\"up_proj\"]", Exported(new LoraSpec { TargetModules = ["all-linear"] })["target_modules"]!.ToJsonString());
        Assert.Equal("[\"q_proj\",\"up_proj\"]", Exported(new LoraSpec())["target_modules"]!.ToJsonString());
        Assert.Equal("[\"mlp.up_proj\",\"q_proj\"]", Exported(new LoraSpec { TargetModules = ["q_proj", "mlp.up_proj"] })["target_modules"]!.ToJsonString());
    }

    [Fact]
    public void Numbers_are_written_as_Python_writes_them()
    {
        var config = Exported(new LoraSpec { R = 4, LoraAlpha = 16, LoraDropout = 1e-5 });
        Assert.Equal(("4", "16", "1e-05"), (config["r"]!.ToJsonString(), config["lora_alpha"]!.ToJsonString(), config["lora_dropout"]!.ToJsonString()));
        Assert.Equal(("2.5", "0.0"), (Exported(new LoraSpec { LoraAlpha = 2.5 })["lora_alpha"]!.ToJsonString(), Exported(new LoraSpec())["lora_dropout"]!.ToJsonString()));
    }

    [Fact]
    public void A_file_that_was_there_is_kept_when_writing_fails()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("a"), "old");
        Assert.Throws<InvalidOperationException>(() => WholeFile.Write(folder.File("a"), stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(folder.File("a")));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void The_card_says_what_was_trained_and_what_came_of_it()
    {
        var card = ModelCard.Text(Job(new LoraSpec { TargetModules = ["q_proj"] }), 8192, new ModelCardFigures(96, 0.4123,
            [new("base", 0.045, 2.31, 21), new("adapter", 0.96, 0.07, 21)]), PeftTask.CausalLanguageModel);
        Assert.StartsWith("---\nbase_model: \"/models/a \\\"b\\\"\"\nlibrary_name: peft\n", card, StringComparison.Ordinal);
        Assert.Contains("- lora\n", card, StringComparison.Ordinal);
        Assert.Contains("A LoRA adapter of rank 8 (α 8, dropout 0) on q_proj: 8,192 trained parameters", card, StringComparison.Ordinal);
        Assert.Contains("96 steps; training loss 0.412 at the end.", card, StringComparison.Ordinal);
        Assert.Contains("| base | 4.5 % | 2.310 | 21 |\n| adapter | 96.0 % | 0.070 | 21 |\n", card, StringComparison.Ordinal);
        Assert.Contains("peft generate --model", card, StringComparison.Ordinal);
    }

    [Fact]
    public void The_card_says_which_optimizer_and_which_losses()
    {
        var job = Job(new TFewSpec());
        job = job with
        {
            Data = job.Data with { Format = DataFormat.Choices, Task = "rte" },
            Training = job.Training with { Optim = OptimizerType.Adafactor, Adafactor = new AdafactorSpec { ScaleParameter = true }, ChoiceLoss = new ChoiceLossSpec { Unlikelihood = 0.5 } },
        };

        var card = ModelCard.Text(job, 8192, null, PeftTask.EncoderDecoder);

        Assert.Contains("An IA3 adapter on keys, values and feed-forward, by T-Few's recipe: 8,192 trained parameters", card, StringComparison.Ordinal);
        Assert.Contains("; the losses of T-Few on answer choices, 1 · L_LM + 0.5 · L_UL + 1 · L_LN.\n", card, StringComparison.Ordinal);
        Assert.Matches("\n- Adafactor with scale_parameter: learning rate [^,]+, [a-z]+ schedule, weight decay", card);
    }

    private static JsonObject Exported(LoraSpec method)
    {
        using var folder = new TemporaryFolder();
        AdapterExport.Write(folder.Path, Job(method), PeftTask.CausalLanguageModel, Layout, new float[Layout.Length]);
        return JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!.AsObject();
    }

    private static JobSpec Job(MethodSpec method) => new()
    {
        Name = "tone",
        Model = "/models/a \"b\"",
        Method = method,
        Data = new DataSpec { Train = "/data/train.jsonl" },
        Output = new OutputSpec { Folder = "runs/tone" },
    };
}
