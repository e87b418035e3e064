using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Models.Bert;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Prompts;

/// <summary>
/// Prompts before the texts of a classifier, as PEFT's PeftModelForSequenceClassification puts them: virtual tokens against the same model with as many
/// real tokens more, prefixes against attention written out row by row.
/// </summary>
public sealed class BertPromptTests
{
    private static readonly int[][] Texts = [[5, 9, 7, 30, 11], [12, 4, 8], [.. Enumerable.Range(10, 16)]];

    private static readonly PromptRows Rows = new(3, row => (int[])[.. Texts[row], row], row => Texts[row].Length);

    [Theory]
    [InlineData("bert")]
    [InlineData("roberta")]
    public Task Virtual_tokens_are_tokens_that_stand_before_the_first(string family) => OnDevice.Run(() =>
    {
        using var weights = Weights(family);
        var config = (BertConfig)weights.Config;
        foreach (PromptSpec spec in new PromptSpec[] { new PromptTuningSpec { NumVirtualTokens = 3 }, new PTuningSpec { NumVirtualTokens = 3, EncoderHiddenSize = 6 } })
        {
            using var adapted = Adapted(weights, spec, out var plan, out var start);
            var table = plan.Exported(start, default) is var file ? GoldenCase.Of(file.Layout["prompt_embeddings"], file.Vector.ToArray()) : null!;
            var words = cat([weights.Store[$"{config.EmbeddingPath}.weight"], table], 0);
            var longer = config with { VocabularySize = config.VocabularySize + 3 };
            var whole = AdapterPlan.Of(new FullSpec(), longer);
            WeightLookup with = name => name == $"{config.EmbeddingPath}.weight" ? words : weights.Store[name];
            using var full = new AdaptedModel(longer, with, whole);
            var numbers = new float[whole.Layout.Length];
            whole.Initialise(numbers, 1, with);
            full.Vector.Load(numbers);
            var prompt = Enumerable.Range(config.VocabularySize, 3).ToArray();
            var (ours, theirs) = (Learn(adapted, Rows), Learn(full, new PromptRows(3, row => (int[])[.. prompt, .. Texts[row], row], row => 3 + Texts[row].Length)));
            GoldenFiles.Close(theirs, ours, 1e-5, family);
            foreach (var part in new[] { "weight", "bias" })
                GoldenFiles.Close(full.Vector[$"{config.HeadPath}.{part}"].grad!, adapted.Vector[$"base_model.{config.HeadPath}.{part}"].grad!, 1e-4, part);
            if (spec is PromptTuningSpec)
                GoldenFiles.Close(full.Vector[$"{config.EmbeddingPath}.weight"].grad!.narrow(0, config.VocabularySize, 3), adapted.Vector["prompt_embeddings"].grad!, 1e-4, "prompt");
        }
    });

    [Theory]
    [InlineData("bert")]
    [InlineData("roberta")]
    public Task A_prefix_is_keys_and_values_before_each_layers_own(string family) => OnDevice.Run(() =>
    {
        using var weights = Weights(family);
        var config = (BertConfig)weights.Config;
        using var adapted = Adapted(weights, new PrefixTuningSpec { NumVirtualTokens = 3 }, out var plan, out var start);
        var table = GoldenCase.Of(plan.Layout["prompt_embeddings"], start).requires_grad_();
        var logits = cat([.. Texts.Select(text => Written(config, name => weights.Store[name], text, table).unsqueeze(0))], 0);
        nn.functional.cross_entropy(logits, arange(3, ScalarType.Int64), reduction: nn.Reduction.Sum).backward();
        GoldenFiles.Close(logits, Learn(adapted, Rows), 1e-5, family);
        GoldenFiles.Close(table.grad!, adapted.Vector["prompt_embeddings"].grad!, 1e-4, "prefix");
    });

    [Theory]
    [InlineData("bert")]
    [InlineData("roberta")]
    public Task The_file_has_the_head_where_PEFT_has_it_beside_a_prompt(string family) => OnDevice.Run(() =>
    {
        using var weights = Weights(family);
        using var adapted = Adapted(weights, new PrefixTuningSpec { NumVirtualTokens = 3 }, out var plan, out var start);
        using var folder = new TemporaryFolder();
        var job = new JobSpec { Name = "classes", Model = "base", Method = plan.Method, Data = new DataSpec { Train = "train.jsonl" }, Output = new OutputSpec { Folder = folder.Path } };
        AdapterExport.Write(folder.Path, job, weights.Config.Task, plan, start, default);
        var config = JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!;
        Assert.Equal(("[\"classifier\",\"score\"]", "SEQ_CLS", 1), (config["modules_to_save"]!.ToJsonString(), config["task_type"]!.GetValue<string>(), config["num_transformer_submodules"]!.GetValue<int>()));
        Assert.Equal(
            family == "bert" ? ["base_model.classifier.bias", "base_model.classifier.weight", "prompt_embeddings"]
                : ["base_model.classifier.dense.bias", "base_model.classifier.dense.weight", "base_model.classifier.out_proj.bias", "base_model.classifier.out_proj.weight", "prompt_embeddings"],
            GoldenFiles.Read(folder.Path, "adapter_model.safetensors").Keys.Order(StringComparer.Ordinal));
        var read = AdapterFolder.Open(folder.Path, warning => Assert.Fail(warning));
        Assert.Equal(start, read.Read(AdapterPlan.Of(read.Method, weights.Config).Layout));
    });

    private static SharedWeights Weights(string family) => SharedWeights.Of(Path.Combine(GoldenFolder.Of("extra"), family, "model"), CancellationToken.None);

    private static AdaptedModel Adapted(SharedWeights weights, MethodSpec spec, out AdapterPlan plan, out float[] start)
    {
        plan = AdapterPlan.Of(spec, weights.Config);
        start = new float[plan.Layout.Length];
        plan.Initialise(start, 3, name => weights.Store[name]);
        var adapted = new AdaptedModel(weights.Config, name => weights.Store[name], plan);
        adapted.Vector.Load(start);
        return adapted;
    }

    /// <summary>Backward from the summed loss; returns the logits.</summary>
    private static Tensor Learn(AdaptedModel adapted, PromptRows rows)
    {
        adapted.Vector.ClearGradient();
        var states = adapted.Model.Labelled(rows);
        nn.functional.cross_entropy(states.Logits(), states.Places.Targets(), reduction: nn.Reduction.Sum).backward();
        return states.Logits();
    }

    /// <summary>The logits of one text, without batches, masks or padding.</summary>
    private static Tensor Written(BertConfig config, WeightLookup weight, int[] text, Tensor table_PF)
    {
        Tensor Through(string path, Tensor x) => nn.functional.linear(x, weight($"{path}.weight"), weight($"{path}.bias"));
        Tensor Norm(string path, Tensor x) => nn.functional.layer_norm(x, [config.HiddenSize], weight($"{path}.weight"), weight($"{path}.bias"), config.NormEpsilon);
        Tensor Rows(string table, IEnumerable<int> numbers) => weight($"{config.Inside($"embeddings.{table}")}.weight").index_select(0, tensor(numbers.Select(number => (long)number).ToArray()));
        var (places, size) = (table_PF.shape[0], config.HeadSize);
        var first = (int)places + (config.PaddingPlace + 1 ?? 0);
        var x = Norm(config.Inside("embeddings.LayerNorm"), Rows("word_embeddings", text) + Rows("token_type_embeddings", [0]) + Rows("position_embeddings", Enumerable.Range(first, text.Length)));
        for (var layer = 0; layer < config.Layers; layer++)
        {
            string In(string module) => config.InLayer(layer, module);
            var heads = new List<Tensor>();
            for (var head = 0; head < config.Heads; head++)
            {
                Tensor Own(string name) => Through(In($"attention.self.{name}"), x).narrow(1, head * size, size);
                Tensor Learnt(int kind) => table_PF.narrow(1, ((2 * layer + kind) * config.Heads + head) * size, size);
                var score = Own("query").mm(cat([Learnt(0), Own("key")], 0).t()) / Math.Sqrt(size);
                heads.Add(score.softmax(-1).mm(cat([Learnt(1), Own("value")], 0)));
            }
            x = Norm(In("attention.output.LayerNorm"), x + Through(In("attention.output.dense"), cat([.. heads], 1)));
            x = Norm(In("output.LayerNorm"), x + Through(In("output.dense"), nn.functional.gelu(Through(In("intermediate.dense"), x))));
        }
        var state = config.IsRoberta ? Through("classifier.dense", x[0]).tanh() : Through(config.Inside("pooler.dense"), x[0]).tanh();
        return Through(config.HeadPath, state);
    }
}
