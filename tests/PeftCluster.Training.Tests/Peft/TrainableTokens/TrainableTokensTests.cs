using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using PeftCluster.Training.Models.T5;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.TrainableTokens;

/// <summary>
/// Trained rows of the embedding against a model whose embedding has those rows and is trained whole; alone and beside LoRA. PEFT's own
/// numbers of them are in <see cref="MethodGoldenTests"/>, beside LoRA.
/// </summary>
public sealed class TrainableTokensTests
{
    private static readonly int[] Tokens = [9, 2, 30];

    [Theory]
    [InlineData("models/llama", "model.embed_tokens")]
    [InlineData("models/gpt2", "transformer.wte")]
    [InlineData("models/gemma2", "model.embed_tokens")]
    [InlineData("models/t5", "shared")]
    public Task Rows_learn_what_the_whole_embedding_learns_of_them(string folder, string embedding) => OnDevice.Run(() =>
    {
        var golden = Path.Combine(GoldenFolder.Root, folder);
        using var weights = SharedWeights.Of(Path.Combine(golden, "model"), CancellationToken.None);
        var batch = new GoldenBatch(GoldenFiles.Read(golden, "expected.safetensors"), weights.Config);
        foreach (MethodSpec spec in new MethodSpec[] { new TrainableTokensSpec { TokenIndices = [.. Tokens] }, new LoraSpec { TrainableTokenIndices = [.. Tokens] } })
        {
            var plan = AdapterPlan.Of(spec, weights.Config);
            var key = plan.Layout.Slices.Single(slice => slice.Key.EndsWith(".trainable_tokens_delta", StringComparison.Ordinal));
            Assert.Equal($"base_model.model.{embedding}{(spec is LoraSpec ? ".token_adapter" : "")}.trainable_tokens_delta", key.Key);
            var vector = new float[plan.Layout.Length];
            plan.Initialise(vector, 1, name => weights.Store[name]);
            var rows = weights.Store[$"{embedding}.weight"].index_select(0, tensor(Tokens.Select(token => (long)token).ToArray())) + randn([3, weights.Config.HiddenSize], generator: new Generator(2)) * 0.3;
            rows.data<float>().CopyTo(vector.AsSpan(key.Offset, key.Length));
            using var adapted = new AdaptedModel(weights.Config, name => weights.Store[name], plan);
            adapted.Vector.Load(vector);
            using var merged = plan.Merge(name => weights.Store[name], vector);
            var whole = AdapterPlan.Of(new FullSpec(), weights.Config);
            var numbers = new float[whole.Layout.Length];
            whole.Initialise(numbers, 1, name => merged[name]);
            using var full = new AdaptedModel(weights.Config, name => merged[name], whole);
            full.Vector.Load(numbers);

            Assert.Equal(Step(full, batch), Step(adapted, batch), 1e-5);
            GoldenFiles.Close(batch.Logits(full.Model) * batch.Seen, batch.Logits(adapted.Model) * batch.Seen, 1e-5, "logits");
            var theirs = full.Vector[$"{embedding}.weight"].grad!.index_select(0, tensor(Tokens.Select(token => (long)token).ToArray()));
            GoldenFiles.Close(theirs, adapted.Vector[key.Key].grad!, 1e-4, key.Key);
            adapted.Vector.CheckViews();
        }
    });

    [Fact]
    public Task The_file_is_PEFTs_and_reads_back_also_where_PEFT_repeats_the_rows() => OnDevice.Run(() =>
    {
        var tied = TinyLlama.Config with { TiedHead = true };
        var weights = TinyLlama.Weights(tied);
        var plan = AdapterPlan.Of(new TrainableTokensSpec { TokenIndices = [5, 2] }, tied);
        var vector = new float[plan.Layout.Length];
        plan.Initialise(vector, 1, name => weights[name]);
        using var folder = new TemporaryFolder();
        var job = new JobSpec { Name = "tokens", Model = "base", Method = plan.Method, Data = new DataSpec { Train = "train.jsonl" }, Output = new OutputSpec { Folder = folder.Path } };
        AdapterExport.Write(folder.Path, job, tied.Task, plan, vector, ReadOnlyMemory<float>.Empty);
        Assert.Equal("""
            {
              "auto_mapping": null,
              "base_model_name_or_path": "base",
              "inference_mode": true,
              "init_weights": true,
              "peft_type": "TRAINABLE_TOKENS",
              "peft_version": "0.21.2",
              "revision": null,
              "target_modules": "model.embed_tokens",
              "task_type": "CAUSAL_LM",
              "token_indices": [
                5,
                2
              ]
            }
            """.ReplaceLineEndings("\n"), File.ReadAllText(folder.File("adapter_config.json")).TrimEnd());
        var read = AdapterFolder.Open(folder.Path, warning => Assert.Fail(warning));
        Assert.Equal(plan.Method, read.Method);
        Assert.Equal(vector, read.Read(plan.Layout));

        var rows = GoldenFiles.Read(folder.Path, "adapter_model.safetensors");
        rows["base_model.model.lm_head.trainable_tokens_delta"] = rows["base_model.model.model.embed_tokens.trainable_tokens_delta"];
        TinyLlama.WriteFile(folder.File("adapter_model.safetensors"), rows, null);
        Assert.Equal(vector, AdapterFolder.Open(folder.Path, warning => Assert.Fail(warning)).Read(plan.Layout));
    });

    [Theory]
    [InlineData("trainable_tokens", new int[0], "method.token_indices: names no token.")]
    [InlineData("trainable_tokens", new[] { 64 }, "method.token_indices: 64 is no token of this model, which has 64.")]
    [InlineData("trainable_tokens", new[] { 3, 4, 3 }, "method.token_indices: 3 is named twice.")]
    [InlineData("lora", new[] { 3, 4, 3 }, "method.trainable_token_indices: 3 is named twice.")]
    public void What_cannot_be_trained_is_refused_in_one_line(string method, int[] tokens, string line)
    {
        MethodSpec spec = method == "lora" ? new LoraSpec { TrainableTokenIndices = [.. tokens] } : new TrainableTokensSpec { TokenIndices = [.. tokens] };
        Assert.StartsWith(line, Assert.Throws<BadInputException>(() => AdapterPlan.Of(spec, TinyLlama.Config)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_where_PEFT_trains_none_are_refused()
    {
        static ModelConfig Model(string folder) => ModelConfigFile.Load(Path.Combine(GoldenFolder.Root, folder, "model"));
        static string Refusal(ModelConfig model) => Assert.Throws<BadInputException>(() => AdapterPlan.Of(new TrainableTokensSpec { TokenIndices = [3] }, model)).Message;
        Assert.Contains("whose head has a weight of its own, PEFT reaches neither encoder nor decoder.", Refusal((T5Config)Model("models/t5") with { TiedHead = false }), StringComparison.Ordinal);
        Assert.Contains("models of model_type bert cannot train single tokens.", Refusal(Model("extra/bert")), StringComparison.Ordinal);
    }

    private static double Step(AdaptedModel adapted, GoldenBatch batch)
    {
        adapted.Vector.ClearGradient();
        var (states, places, head) = batch.Labelled(adapted.Model);
        using var workspace = new HeadWorkspace();
        var losses = HeadLoss.WithGradient(states, head, places.Targets(), places.Count, workspace, out var gradient);
        states.backward([gradient]);
        return places.SumRows(losses).Sum() / places.Count;
    }
}
