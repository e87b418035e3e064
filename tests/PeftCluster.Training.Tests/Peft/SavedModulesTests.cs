using System.Text.Json.Nodes;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>Modules that are trained whole beside an adapter, with every method whose configuration in PEFT has them.</summary>
public sealed class SavedModulesTests
{
    public static TheoryData<MethodSpec> Methods =>
    [
        new AdaloraSpec { ModulesToSave = ["lm_head", "norm"] },
        new Ia3Spec { ModulesToSave = ["lm_head", "norm"] },
        new LohaSpec { ModulesToSave = ["lm_head", "norm"] },
        new LokrSpec { ModulesToSave = ["lm_head", "norm"] },
        new LoraSpec { ModulesToSave = ["lm_head", "norm"] },
        new VeraSpec { R = 8, ModulesToSave = ["lm_head", "norm"] },
        new PromptTuningSpec { NumVirtualTokens = 3, ModulesToSave = ["lm_head", "norm"] },
        new PTuningSpec { NumVirtualTokens = 3, ModulesToSave = ["lm_head", "norm"] },
        new PrefixTuningSpec { NumVirtualTokens = 3, ModulesToSave = ["lm_head", "norm"] },
    ];

    [Theory]
    [MemberData(nameof(Methods))]
    public Task They_begin_as_the_base_has_them_learn_and_lie_in_the_file(MethodSpec method) => OnDevice.Run(() =>
    {
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var plan = AdapterPlan.Of(method, TinyLlama.Config);
        Assert.EndsWith(", and 2 of the model's weights", plan.Summary, StringComparison.Ordinal);
        // PEFT wraps a model into an adapter's, but not into a prompt's.
        var prefix = method is PromptSpec ? "base_model." : "base_model.model.";
        var vector = new float[plan.Layout.Length];
        plan.Initialise(vector, 1, name => weights[name]);
        var head = plan.Layout[$"{prefix}lm_head.weight"];
        Assert.Equal(weights["lm_head.weight"].data<float>().ToArray(), vector[head.Offset..(head.Offset + head.Length)]);
        using (var adapted = new AdaptedModel(TinyLlama.Config, name => weights[name], plan))
        {
            adapted.Vector.Load(vector);
            var model = (Decoder)adapted.Model;
            model.Logits(model.Hidden(arange(8).view(1, 8))).square().sum().backward();
            foreach (var module in new[] { "lm_head", "model.norm" })
                Assert.True(adapted.Vector[$"{prefix}{module}.weight"].grad!.abs().max().item<float>() > 0.01f, module);
        }

        using var folder = new TemporaryFolder();
        for (var at = head.Offset; at < head.Offset + head.Length; at++)
            vector[at] += 1;
        var job = new JobSpec { Name = "saved", Model = "base", Method = plan.Method, Data = new DataSpec { Train = "train.jsonl" }, Output = new OutputSpec { Folder = folder.Path } };
        AdapterExport.Write(folder.Path, job, TinyLlama.Config.Task, plan, vector, plan.MakeFrozen(name => weights[name]));
        Assert.Equal(["lm_head", "norm"], JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!["modules_to_save"]!.AsArray().Select(name => name!.GetValue<string>()));
        var read = AdapterFolder.Open(folder.Path, warning => Assert.Fail(warning));
        var again = AdapterPlan.Of(read.Method, TinyLlama.Config).Layout;
        var written = read.Read(again);
        Assert.Equal(vector[head.Offset..(head.Offset + head.Length)], written[again[head.Key].Offset..(again[head.Key].Offset + head.Length)]);
    });

    [Fact]
    public void What_cannot_be_trained_whole_is_refused_in_one_line()
    {
        Assert.StartsWith("method.modules_to_save: no module of this model with weights of its own is named \"head\".", Refusal(new Ia3Spec { ModulesToSave = ["head"] }, TinyLlama.Config), StringComparison.Ordinal);
        Assert.StartsWith("method.modules_to_save: \"v_proj\" is a target of the adapter too (model.layers.0.self_attn.v_proj).", Refusal(new LokrSpec { ModulesToSave = ["v_proj"] }, TinyLlama.Config), StringComparison.Ordinal);
        Assert.StartsWith("method.modules_to_save: \"embed_tokens\" is shared with the output head", Refusal(new PromptTuningSpec { ModulesToSave = ["embed_tokens"] }, TinyLlama.Config with { TiedHead = true }), StringComparison.Ordinal);
    }

    private static string Refusal(MethodSpec method, ModelConfig model) => Assert.Throws<BadInputException>(() => AdapterPlan.Of(method, model)).Message;
}
