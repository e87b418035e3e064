using PeftCluster.Data.Metrics;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Prompts;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Evaluation;

/// <summary>
/// Measures a job's held-out rows in fixed batches: the completion's loss with the right tokens given, and whether the greedy answer is the
/// completion. Unusual: the model reads prompt and completion once, for both; generation then goes on from the prompt's keys
/// and values, and its tokens take the completion's places in the cache.
/// </summary>
/// <param name="train">Rows that examples are drawn from.</param>
/// <param name="heldOut">Rows that are asked.</param>
/// <param name="tokenizer">What made the tokens of both.</param>
/// <param name="spec">What is measured.</param>
/// <param name="metrics">What is measured besides; null: nothing.</param>
public sealed class RowEvaluator(PreparedRows train, PreparedRows heldOut, TextTokenizer tokenizer, EvaluationSpec spec, JobMetrics? metrics = null)
{
    private readonly FewShotPrompts _prompts = new(train, heldOut, tokenizer, spec.DemonstrationsSeed);

    /// <param name="data">Prepared data with held-out rows.</param>
    /// <param name="spec">What is measured.</param>
    /// <param name="metrics">What is measured besides; null: nothing.</param>
    public RowEvaluator(PreparedData data, EvaluationSpec spec, JobMetrics? metrics = null)
        : this(data.Train, data.Eval ?? throw new ArgumentException("there are no held-out rows", nameof(data)), data.Tokenizer, spec, metrics)
    {
    }

    /// <summary>The training rows that stand as examples in a batch's prompts.</summary>
    public IEnumerable<int> Examples(EvaluationWork work) => work.Rows.SelectMany(row => _prompts.Demonstrations(row, work.Shots)).Distinct();

    /// <summary>Measures one batch. Call it on the model's device thread.</summary>
    /// <param name="work">Rows and shots.</param>
    /// <param name="measured">The base, or the base with an adapter.</param>
    /// <param name="cancellation">Polled between layers and between tokens.</param>
    /// <returns>A result for each row, in the order of <paramref name="work"/>.</returns>
    /// <exception cref="BadInputException">Prompts with examples are longer than the model can see.</exception>
    public IReadOnlyList<RowEvaluation> Evaluate(EvaluationWork work, IModel measured, CancellationToken cancellation)
    {
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        if (measured is not ILanguageModel model)
            return ClassEvaluation.Of(work, heldOut, measured, metrics ?? JobMetrics.None, cancellation);
        Question[] questions = [.. work.Rows.Select(row => Ask(row, work.Shots, model.Config.ContextLength))];
        var rows = model.Begin(new PromptRows(questions.Length, row => questions[row].Tokens, row => questions[row].Prompt), cancellation);
        var prompts = rows.Prompts();
        var cache = rows.Model.NewCache(rows.Count, Math.Max(rows.Length, prompts.Max(prompt => prompt.Length) + spec.MaxNewTokens));
        var hidden_BTD = rows.Hidden(cache, cancellation);
        var places = LabelledPlaces.Of(rows);
        var losses = places.SumRows(HeadLoss.Of(model.Head.Read(places.Select(hidden_BTD)), model.Head, places.Targets()));
        var generator = new AnswerGenerator(rows.Model, new Decoding { MaxNewTokens = spec.MaxNewTokens, EndTokens = Ends(questions) });
        var answers = rows.Lengths().Where((length, row) => rows.Model.LengthMatters(prompts[row].Length, length)).Any()
            ? generator.Generate(prompts, cancellation)
            : generator.Continue(hidden_BTD, cache, prompts, cancellation);
        return [.. questions.Select((question, at) => Measured(question, losses[at], answers[at]))];
    }

    /// <summary>A held-out row with its examples: prompt, completion and token of end.</summary>
    private sealed record Question(int Row, int[] Tokens, int Prompt);

    private Question Ask(int row, int shots, int contextLength)
    {
        var prompt = shots == 0 ? _prompts.Prompt(row, 0) : _prompts.Prompt(row, shots, contextLength - spec.MaxNewTokens);
        // Nothing predicts the first token, so it is given even where there is no prompt.
        int[] tokens = [.. prompt, .. heldOut.Completion(row)];
        return new Question(row, tokens, Math.Max(prompt.Length, 1));
    }

    /// <summary>The model's token of end, and those that the right answers end in.</summary>
    private int[] Ends(Question[] questions) =>
        [.. questions.Select(question => AnswerEnd.Of(question.Tokens.AsSpan(question.Prompt), tokenizer)).Append(tokenizer.EosId).OfType<int>().Distinct()];

    private RowEvaluation Measured(Question question, double loss, int[] tokens)
    {
        var (answer, expected, labels) = (Text(tokens), Text(question.Tokens.AsSpan(question.Prompt)), question.Tokens.Length - question.Prompt);
        var scores = (metrics ?? JobMetrics.None).Of(question.Row, new MeasuredAnswer(answer, expected, loss, labels));
        return new RowEvaluation(question.Row, loss, labels, ExactMatch.Of(answer, expected), question.Prompt, scores);
    }

    private string Text(ReadOnlySpan<int> tokens) => tokenizer.Decode(tokens, skipSpecialTokens: true);
}
