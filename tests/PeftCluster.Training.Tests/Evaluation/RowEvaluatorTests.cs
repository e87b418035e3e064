using System.Text.Json;
using PeftCluster.Data.Prepared;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Evaluation;

/// <summary>Held-out rows of a tiny model: losses against the plain formula, exact match against what the model is known to answer.</summary>
public sealed class RowEvaluatorTests : IDisposable
{
    private static readonly string[] Prompts = ["What is it?", "a", "Name the longest of the three rivers", "Why not"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Losses_are_those_of_the_whole_softmax_over_the_completion_and_its_end() => Measure(new EvaluationSpec { MaxNewTokens = 4 }, (evaluator, model, completions) =>
    {
        var results = evaluator.Evaluate(new EvaluationWork([3, 0, 1], 0), model, new PromptCache(), CancellationToken.None);
        Assert.Equal([3, 0, 1], results.Select(result => result.Row));
        foreach (var result in results)
        {
            int[] prompt = [TextModel.Bos, .. TextModel.IdsOf(Prompts[result.Row])];
            int[] tokens = [.. prompt, .. TextModel.IdsOf(completions[result.Row]), TextModel.Eos];
            var logProbabilities = model.Logits(model.Hidden(tensor(tokens.Select(id => (long)id).ToArray()).unsqueeze(0)))[0].log_softmax(1);
            var loss = Enumerable.Range(prompt.Length, tokens.Length - prompt.Length).Sum(place => -logProbabilities[place - 1][tokens[place]].item<float>());
            Assert.Equal(loss, result.LossSum, 1e-3);
            Assert.Equal((tokens.Length - prompt.Length, prompt.Length), (result.Labels, result.PromptTokens));
        }
    });

    [Fact]
    public Task A_row_is_right_when_its_answer_is_the_completion() => Measure(new EvaluationSpec { MaxNewTokens = 6 }, (evaluator, model, _) =>
    {
        // Rows 0 and 2 hold the model's own answers of six tokens; row 1 one token less, row 3 another letter.
        var results = evaluator.Evaluate(new EvaluationWork([0, 1, 2, 3], 0), model, new PromptCache(), CancellationToken.None);
        Assert.Equal([true, false, true, false], results.Select(result => result.ExactMatch));
    });

    [Fact]
    public Task Examples_lengthen_the_prompt_and_change_the_loss() => Measure(new EvaluationSpec { MaxNewTokens = 4 }, (evaluator, model, _) =>
    {
        var none = evaluator.Evaluate(new EvaluationWork([0, 1], 0), model, new PromptCache(), CancellationToken.None);
        var two = evaluator.Evaluate(new EvaluationWork([0, 1], 2), model, new PromptCache(), CancellationToken.None);
        for (var at = 0; at < 2; at++)
        {
            // Each example: "Question N?" + "answer" + two line ends.
            Assert.Equal(none[at].PromptTokens + 2 * ("Question 0?".Length + "answer".Length + 2), two[at].PromptTokens);
            Assert.Equal(none[at].Labels, two[at].Labels);
            Assert.NotEqual(none[at].LossSum, two[at].LossSum);
        }
    });

    [Fact]
    public Task Examples_that_the_model_has_no_room_for_are_left_out_and_counted() => Measure(new EvaluationSpec { MaxNewTokens = 200 }, (evaluator, model, _) =>
    {
        var result = evaluator.Evaluate(new EvaluationWork([0], 3), model, new PromptCache(), CancellationToken.None)[0];
        Assert.Equal(1, result.LeftOut);
        Assert.Equal(1 + 2 * ("Question 0?".Length + "answer".Length + 2) + Prompts[0].Length, result.PromptTokens);
    });

    [Fact]
    public Task A_question_that_the_model_has_no_room_for_is_refused() => Measure(new EvaluationSpec { MaxNewTokens = 250 }, (evaluator, model, _) =>
    {
        var error = Assert.Throws<BadInputException>(() => evaluator.Evaluate(new EvaluationWork([0], 3), model, new PromptCache(), CancellationToken.None));
        Assert.StartsWith("evaluation.shots: the prompt of held-out line 1 has 12 tokens without any example, and the model has room for 6", error.Message, StringComparison.Ordinal);
    });

    [Fact]
    public Task Answers_are_told_where_they_are_asked_for() => Measure(new EvaluationSpec { MaxNewTokens = 6 }, (evaluator, model, completions) =>
    {
        var results = evaluator.Evaluate(new EvaluationWork([0, 3], 0) { Texts = true }, model, new PromptCache(), CancellationToken.None);
        Assert.Equal(new AnswerTexts(completions[0], completions[0]), results[0].Texts);
        Assert.Equal((completions[3], false), (results[1].Texts!.Right, results[1].Texts!.Given == completions[3]));
        Assert.Null(evaluator.Evaluate(new EvaluationWork([0], 0), model, new PromptCache(), CancellationToken.None)[0].Texts);
    });

    [Fact]
    public Task The_same_batch_has_the_same_bits_again() => Measure(new EvaluationSpec { MaxNewTokens = 4 }, (evaluator, model, _) =>
    {
        var work = new EvaluationWork([0, 1, 2, 3], 1);
        Assert.Equal(evaluator.Evaluate(work, model, new PromptCache(), CancellationToken.None), evaluator.Evaluate(work, model, new PromptCache(), CancellationToken.None));
    });

    private Task Measure(EvaluationSpec spec, Action<RowEvaluator, Decoder, string[]> check) => OnDevice.Run(() =>
    {
        TextModel.Write(_folder.Path);
        using var weights = SharedWeights.Of(_folder.Path, CancellationToken.None);
        var model = (Decoder)weights.Config.Build(name => weights.Store[name]);
        var completions = Completions(model);
        using var data = Prepare(completions);
        check(new RowEvaluator(data, spec), model, completions);
    });

    private static string[] Completions(ICausalModel model)
    {
        var answers = new AnswerGenerator(model, new Decoding { MaxNewTokens = 6, EndTokens = [TextModel.Eos] }).Generate([.. Prompts.Select(prompt => (int[])[TextModel.Bos, .. TextModel.IdsOf(prompt)])], CancellationToken.None);
        string[] texts = [.. answers.Select(answer => string.Concat(answer.Select(id => (char)(id - TextModel.IdsOf("\0")[0]))))];
        Assert.All(texts, text => Assert.Equal(6, text.Length));
        return [texts[0], texts[1][..5], texts[2], texts[3][..5] + (texts[3][5] == 'x' ? 'y' : 'x')];
    }

    private PreparedData Prepare(string[] completions)
    {
        WriteRows("train.jsonl", Enumerable.Range(0, 8).Select(number => ($"Question {number}?", "answer")));
        WriteRows("heldout.jsonl", Prompts.Zip(completions));
        var job = new JobSpec
        {
            Name = "test",
            Model = _folder.Path,
            Method = new LoraSpec(),
            Output = new OutputSpec { Folder = _folder.File("run") },
            Data = new DataSpec { Train = _folder.File("train.jsonl"), Eval = _folder.File("heldout.jsonl"), MaxLength = 128 },
        };
        return DataPreparation.Prepare(job, _folder.File("cache"), TestContext.Current.CancellationToken);
    }

    private void WriteRows(string file, IEnumerable<(string Prompt, string Completion)> rows) =>
        File.WriteAllLines(_folder.File(file), rows.Select(row => JsonSerializer.Serialize(new { prompt = row.Prompt, completion = row.Completion })));
}
