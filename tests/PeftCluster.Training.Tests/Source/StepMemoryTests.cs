using System.Runtime.InteropServices;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using PeftCluster.Tests;
using PeftCluster.Training.Bench;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using PeftCluster.Training.Models.Bert;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Source;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Source;

/// <summary>What a step is thought to take, beside what glibc says that it takes; and what is made of it.</summary>
public sealed class StepMemoryTests
{
    private const int Rows = 4, Prompt = 190, Length = 380;

    public static TheoryData<string, MethodSpec> Cases => new([
        .. from model in new[] { "models/llama", "models/gemma2", "models/mistral", "models/phi3", "models/qwen3", "models/gpt2", "models/gpt_neox", "models/t5", "models/t5-v1_1", "extra/bert", "extra/roberta" }
           select (model, (MethodSpec)new LoraSpec { R = 4 }),
        .. from method in new MethodSpec[]
           {
               new LoraSpec { R = 4, LoraDropout = 0.1, TargetModules = ["all-linear"] }, new LoraSpec { R = 4, UseDora = true }, new Ia3Spec(), new LohaSpec { R = 4 }, new LokrSpec { R = 4 }, new VeraSpec { R = 8 },
               new PromptTuningSpec { NumVirtualTokens = 8 }, new PrefixTuningSpec { NumVirtualTokens = 8 }, new BottleneckSpec { Config = BottleneckPreset.DoubleSeqBn }, new FullSpec(),
           }
           select ("models/llama", method),
        ("models/t5", new FullSpec()),
        ("extra/bert", new BottleneckSpec { Config = BottleneckPreset.ParBn, Dropout = 0.1 }),
    ]);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task What_layers_keep_is_estimated_and_rather_too_much_than_too_little(string model, MethodSpec method) => OnDevice.Run(() => Compare(model, method, ScalarType.Float32));

    [Theory]
    [InlineData("models/llama", ScalarType.BFloat16)]
    [InlineData("models/t5", ScalarType.BFloat16)]
    [InlineData("extra/bert", ScalarType.BFloat16)]
    [InlineData("models/llama", ScalarType.Float16)]
    public Task Of_a_base_in_16_bits_too_with_what_is_widened(string model, ScalarType format) => OnDevice.Run(() => Compare(model, new LoraSpec { R = 4, TargetModules = ["all-linear"] }, format));

    [Theory]
    [InlineData("models/llama")]
    [InlineData("models/t5")]
    [InlineData("models/t5-v1_1")]
    public Task Of_answer_choices_too_each_of_which_goes_through_the_decoder(string model) => OnDevice.Run(() => Compare(
        model, new LoraSpec { R = 4, TargetModules = ["all-linear"] }, ScalarType.Float32,
        new MemoryChoices([.. Enumerable.Range(0, Rows).Select(row => new ChoiceExample(Tokens(Prompt, row), [.. Enumerable.Range(1, 2 + row % 2).Select(choice => Tokens(190 - 7 * choice, choice))], 1))])));

    private static int[] Tokens(int count, int first) => [.. Enumerable.Range(0, count).Select(token => (first + token) % 3)];

    private static void Compare(string model, MethodSpec method, ScalarType format, ITokenRows? choices = null)
    {
        if (!AllocatedMemory.IsTold)
            return;
        var config = Of(model);
        using var weights = new RandomWeights(config, 3, format);
        var plan = AdapterPlan.Of(method, config);
        using var adapted = new AdaptedModel(config, name => weights[name], plan, seed: 7);
        var rows = choices ?? new MemoryRows([.. Enumerable.Range(0, Rows).Select(row => (Enumerable.Range(0, config.Task == PeftTask.Classification ? Prompt + 1 : Length).Select(token => (row + token) % 3).ToArray(), Prompt))]);
        var memory = new StepMemory(config, plan, BaseFormat.Of(config, format));
        int[] numbers = [.. Enumerable.Range(0, Rows)];
        var labels = numbers.Sum(row => rows.Labels(row) + rows.WrongLabels(row));
        var batch = new MicroBatch(0, numbers, PaddedLength.Of(Length), labels, Rows * Length);
        var shape = MicroBatchShape.Of(config, plan.PlacesBefore, rows, batch);
        long Kept(int recomputed)
        {
            using var scope = NewDisposeScope();
            using var leaf = new MicroBatchGradient(adapted, rows, recomputed: _ => recomputed);
            var before = AllocatedMemory.Bytes();
            var pass = leaf.Forward(new GradientWork(0, batch, 100, new ChoiceCounts(100, 200, Rows)), default);
            var after = AllocatedMemory.Bytes();
            pass.Backward();
            return after - before - HeadLoss.Room(batch.Labels, config.Task == PeftTask.Classification ? 3 : config.VocabularySize);
        }
        // Code that is compiled in the background takes memory now and then, and finalizers free some: hence the middle of five.
        long Usually(int recomputed) => Enumerable.Range(0, 5).Select(_ => Kept(recomputed)).Order().ElementAt(2);
        var (whole, inputs) = (Usually(0), Usually(memory.Layers));
        var layers = config.LayerShapes.Select((layer, number) => memory.Kept(layer, number, shape)).Sum();
        // Beside what layers keep there are the last states and what stands between stacks: so the difference is compared.
        var saved = whole - inputs;
        Assert.InRange(layers, saved, 2.5 * saved);
    }

    [Fact]
    public void Weights_that_are_widened_count_until_the_backward_pass_and_half_as_much_before_it()
    {
        var config = Of("models/llama");
        var plan = AdapterPlan.Of(new LoraSpec { R = 4 }, config);
        var (half, wide) = (new StepMemory(config, plan, BaseFormat.Of(config, ScalarType.Float16)), new StepMemory(config, plan, BaseFormat.Of(config, ScalarType.Float32)));
        var shape = new MicroBatchShape(2, 64, 0, 0, 100);
        var layer = config.LayerShapes[0];
        Assert.Equal(4 * layer.Linears.Sum(linear => linear.In * linear.Out), half.Kept(layer, 0, shape) - wide.Kept(layer, 0, shape));
        Assert.Equal(2 * config.Parameters, wide.AtRest - half.AtRest);
    }

    [Fact]
    public void A_limit_picks_the_fewest_layers_that_fit_and_less_needs_more()
    {
        var config = (Of("models/llama") as DecoderConfig)! with { Layers = 24 };
        var memory = new StepMemory(config, AdapterPlan.Of(new LoraSpec { R = 4 }, config), BaseFormat.Of(config, ScalarType.Float32));
        var shape = new MicroBatchShape(8, 4096, 0, 0, 8 * 4096);
        var last = 0;
        for (var limit = memory.Of(shape, 0); limit >= memory.Of(shape, 24); limit -= 5_000_000)
        {
            var fewest = memory.Fewest(shape, limit)!.Value;
            Assert.True(memory.Of(shape, fewest) <= limit);
            Assert.True(fewest == 0 || memory.Of(shape, fewest - 1) > limit);
            Assert.True(fewest >= last);
            last = fewest;
        }
        Assert.InRange(last, 12, 24);
        Assert.Null(memory.Fewest(shape, memory.AtRest));
    }

    [Fact]
    public async Task Workers_with_unlike_settings_have_the_same_bits()
    {
        using var job = new TinyJob();
        var (config, work) = (ModelConfigFile.Load(job.Folder), job.Work(3, 4, 5, 6, 7, 8, 9, 10, 11));
        var memory = new StepMemory(config, AdapterPlan.Of(new LoraSpec { R = 4 }, config), BaseFormat.Of(config, ScalarType.Float32));
        var least = memory.Of(MicroBatchShape.Largest(config, 0, job.Rows, 8, null), memory.Layers) / 1000 + 100;
        Assert.InRange(RecomputedLayers.Of(GradientCheckpointing.Auto, least * 1000, memory, config, 0, (job.Rows, 8, null)).In(work.MicroBatch), 1, 2);
        var hashes = new HashSet<string>();
        foreach (var (setting, limit) in new[] { (GradientCheckpointing.Off, null), (GradientCheckpointing.On, null), (GradientCheckpointing.Auto, null), (GradientCheckpointing.Auto, $"{least / 1000}.{least % 1000:000}MB") })
        {
            var spec = job.Spec(new LoraSpec { R = 4, LoraDropout = 0.2 });
            spec = spec with { Training = spec.Training with { GradientCheckpointing = setting, NeftuneNoiseAlpha = 5 }, Resources = new ResourcesSpec { Memory = limit } };
            await using var device = job.Device();
            await using var source = await device.OpenAsync(SourceRequest.Own(spec), TestContext.Current.CancellationToken);
            var adapter = await TinyJob.Adapter(source);
            var gradient = new float[adapter.Length];
            await source.GradientAsync(work, adapter, gradient, TestContext.Current.CancellationToken);
            hashes.Add(Convert.ToHexString(MemoryMarshal.AsBytes<float>(gradient)));
        }
        Assert.Single(hashes);
    }

    [Theory]
    [InlineData(GradientCheckpointing.Auto, "even with all layers computed again", "Lower training.micro_batch_size or data.max_length, or raise the limit.")]
    [InlineData(GradientCheckpointing.On, "even with all layers computed again", "Lower training.micro_batch_size or data.max_length, or raise the limit.")]
    [InlineData(GradientCheckpointing.Off, "with training.gradient_checkpointing: off", "Set that to auto, lower training.micro_batch_size or data.max_length, or raise the limit.")]
    public async Task A_limit_that_no_choice_fits_is_refused_in_one_line(GradientCheckpointing setting, string how, string remedy)
    {
        using var job = new TinyJob();
        var spec = job.Spec() with { Resources = new ResourcesSpec { Memory = "100MB" } };
        await using var device = job.Device();
        var refused = await Assert.ThrowsAsync<BadInputException>(() => device.OpenAsync(SourceRequest.Own(spec with { Training = spec.Training with { GradientCheckpointing = setting } }), TestContext.Current.CancellationToken));
        Assert.StartsWith("resources.memory: 0.1 GB do not hold a worker's step, which takes about 0.2", refused.Message, StringComparison.Ordinal);
        Assert.Contains(how, refused.Message, StringComparison.Ordinal);
        Assert.EndsWith($"GB without activations; 8 rows of 16 tokens). {remedy}", refused.Message, StringComparison.Ordinal);
    }

    // The golden models with room for longer rows, so that what layers keep is more than what else is allocated.
    private static ModelConfig Of(string model) => ModelConfigFile.Load(Path.Combine(GoldenFolder.Of(model.Split('/')[0]), model.Split('/')[1], "model")) switch
    {
        DecoderConfig decoder => decoder with { ContextLength = 1024 },
        BertConfig bert => bert with { Places = 1024 },
        var other => other,
    };
}
