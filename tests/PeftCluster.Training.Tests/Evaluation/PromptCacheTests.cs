using PeftCluster.Data.Prompts;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Losses.Choices;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Evaluation;

/// <summary>Examples that all prompts share are read once, and nothing else changes: answers are the same, scores within 1e-5 of those of prompts that are read whole.</summary>
public sealed class PromptCacheTests : IDisposable
{
    private const int Shots = 3;

    private static readonly EvaluationSpec Spec = new() { SharedExamples = true, Description = "Say it.", MaxNewTokens = 9 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Models, and what is trained on them; null: the base.</summary>
    public static TheoryData<string, MethodSpec?> Cases
    {
        get
        {
            string[] models = ["llama", "gemma2", "gpt2", "gpt_neox"];
            MethodSpec?[] methods = [null, new LoraSpec { TargetModules = ["all-linear"] }, new PrefixTuningSpec { NumVirtualTokens = 3 }, new PromptTuningSpec { NumVirtualTokens = 3 }];
            var cases = new TheoryData<string, MethodSpec?>();
            foreach (var (model, method) in models.SelectMany(model => methods.Select(method => (model, method))))
                cases.Add(model, method);
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public Task Choices_score_as_behind_whole_prompts(string name, MethodSpec? method) => With(name, method, (tokenizer, model) =>
    {
        var (train, asked) = (Choices(6), Choices(4));
        var evaluator = new RowEvaluator(train, asked, tokenizer, Spec);
        var prompts = new FewShotPrompts(train, asked, tokenizer, Spec);
        using var cache = new PromptCache();

        foreach (int[] batch in (int[][])[[0, 1, 2], [3, 4, 5, 6, 7]])
        {
            var results = evaluator.Evaluate(new EvaluationWork(batch, Shots) { Measurement = 1 }, model, cache, CancellationToken.None);
            var whole = new ChoiceRows([.. ChoiceRows.Of(asked, batch).Examples.Zip(batch, (example, row) => example with { Prompt = prompts.Prompt(row, Shots).Tokens })]);
            var scores = ChoiceLogProbabilities.Of(whole, model.Labelled(whole));
            for (var at = 0; at < batch.Length; at++)
            {
                Assert.Equal(RankClassification.Order(scores, at, RankBy.Mean)[0], results[at].Ranking!.Answer);
                foreach (var (due, found) in RankClassification.Scores(scores, at, RankBy.Mean).Zip(results[at].Ranking!.Scores))
                    Assert.Equal(due, found, 1e-5 * Math.Abs(due));
                Assert.Equal(-scores.Sum(at, whole.Examples[at].Correct), results[at].LossSum, 1e-5 * Math.Abs(results[at].LossSum));
            }
        }
    });

    [Theory, MemberData(nameof(Cases))]
    public Task Answers_are_those_to_whole_prompts(string name, MethodSpec? method) => With(name, method, (tokenizer, model) =>
    {
        var (train, asked) = (Answers(6), Answers(5));
        var evaluator = new RowEvaluator(train, asked, tokenizer, Spec);
        var prompts = new FewShotPrompts(train, asked, tokenizer, Spec);
        int[] rows = [0, 1, 2, 3, 4];
        int[][] whole = [.. rows.Select(row => prompts.Prompt(row, Shots).Tokens)];

        var results = evaluator.Evaluate(new EvaluationWork(rows, Shots) { Texts = true }, model, new PromptCache(), CancellationToken.None);

        var due = new AnswerGenerator((ICausalModel)model, new Decoding { MaxNewTokens = Spec.MaxNewTokens, EndTokens = [TextModel.Eos] }).Generate(whole, CancellationToken.None);
        Assert.Equal(due.Select(answer => tokenizer.Decode(answer, skipSpecialTokens: true)), results.Select(result => result.Texts!.Given));
        foreach (var row in rows)
        {
            int[] tokens = [.. whole[row], .. asked.Tokens(row)[asked.PromptLength(row)..]];
            var states = model.Labelled(new PromptRows(1, _ => tokens, _ => whole[row].Length));
            var loss = states.Places.SumRows(HeadLoss.Of(states.States_MD, states.Head!, states.Places.Targets()))[0];
            Assert.Equal(loss, results[row].LossSum, 1e-5 * loss);
        }
    });

    [Fact]
    public Task Examples_are_read_once_in_a_measurement_for_each_template() => OnDevice.Run(() =>
    {
        TextModel.Write(_folder.Path);
        using var weights = SharedWeights.Of(_folder.Path, CancellationToken.None);
        var read = new List<(long Rows, long Tokens)>();
        var model = weights.Config.Build(name => weights.Store[name], new Attachments
        {
            Embedding = (ids, x, _) =>
            {
                read.Add((ids.shape[0], ids.shape[1]));
                return x;
            },
        });
        var evaluator = new RowEvaluator(Choices(6), Choices(4), TextTokenizer.Load(_folder.Path), Spec);
        using var cache = new PromptCache();

        void Measure(int measurement) => evaluator.Evaluate(new EvaluationWork([0, 1, 2, 3], Shots) { Measurement = measurement }, model, cache, CancellationToken.None);
        Measure(1);
        Measure(1);
        Measure(2);

        // Two templates' examples, then only what follows them: two choices of each of four rows.
        Assert.Equal([1L, 1, 8, 8, 1, 1, 8], read.Select(one => one.Rows));
        Assert.True(read[0].Tokens == 64 && read[2].Tokens == 32, $"examples {read[0].Tokens}, rest {read[2].Tokens}");
    });

    [Fact]
    public Task A_batch_has_the_same_bits_whoever_read_its_examples() => With("llama", null, (tokenizer, model) =>
    {
        var evaluator = new RowEvaluator(Choices(6), Choices(4), tokenizer, Spec);
        using var cache = new PromptCache();

        IReadOnlyList<RowEvaluation> Measure(int[] rows, PromptCache read) => evaluator.Evaluate(new EvaluationWork(rows, Shots) { Measurement = 1 }, model, read, CancellationToken.None);
        Measure([0, 1], cache);
        var after = Measure([2, 3], cache);
        var alone = Measure([2, 3], new PromptCache());

        Assert.Equal(alone.Select(row => row.LossSum), after.Select(row => row.LossSum));
        Assert.Equal(alone.SelectMany(row => row.Ranking!.Scores), after.SelectMany(row => row.Ranking!.Scores));
    });

    [Fact]
    public Task Rows_with_examples_of_their_own_are_read_whole() => OnDevice.Run(() =>
    {
        TextModel.Write(_folder.Path);
        using var weights = SharedWeights.Of(_folder.Path, CancellationToken.None);
        var read = new List<long>();
        var model = weights.Config.Build(name => weights.Store[name], new Attachments
        {
            Embedding = (ids, x, _) =>
            {
                read.Add(ids.shape[0]);
                return x;
            },
        });
        var evaluator = new RowEvaluator(Choices(6), Choices(4), TextTokenizer.Load(_folder.Path), Spec with { SharedExamples = false });

        evaluator.Evaluate(new EvaluationWork([0, 1], Shots), model, new PromptCache(), CancellationToken.None);

        Assert.Equal([4L], read);
    });

    // Under both templates everything is as long: what is mistaken for the other fits.
    private static MemoryRows Choices(int examples)
    {
        var rows = MemoryRows.Open(variants: 2);
        for (var example = 0; example < examples; example++)
            rows.Add($"Item {example}?", example % 2, " yes", " by no means").Add($"Unit {example}?", example % 2, " aye", " never again");
        return rows;
    }

    private static MemoryRows Answers(int examples)
    {
        var rows = MemoryRows.Open();
        for (var example = 0; example < examples; example++)
            rows.Add($"Name {new string('n', example)}{example}:", $" it is {example}");
        return rows;
    }

    private Task With(string name, MethodSpec? method, Action<TextTokenizer, ILanguageModel> check) => OnDevice.Run(() =>
    {
        TextModel.Write(_folder.Path);
        using var noGraph = no_grad();
        using var weights = SharedWeights.Of(GoldenMicro.Folder($"models/{name}"), CancellationToken.None);
        var tokenizer = TextTokenizer.Load(_folder.Path);
        if (method is null)
        {
            check(tokenizer, (ILanguageModel)weights.Config.Build(key => weights.Store[key]));
            return;
        }
        var plan = AdapterPlan.Of(method, weights.Config);
        var vector = new float[plan.Layout.Length];
        plan.Initialise(vector, 1, key => weights.Store[key]);
        foreach (var slice in plan.Layout.Slices)
        {
            for (var at = slice.Offset; at < slice.Offset + slice.Length; at++)
                vector[at] += 0.1f * MathF.Sin(at);
        }
        using var adapted = new AdaptedModel(weights.Config, key => weights.Store[key], plan);
        adapted.Vector.Load(vector);
        check(tokenizer, (ILanguageModel)adapted.Model);
    });
}
