using PeftCluster.Data.Prepared;
using PeftCluster.Data.Prompts;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Evaluation;

/// <summary>
/// Measures a job's held-out rows in fixed batches: puts the examples before them, and has them answered as their kind is (<see cref="AnswerEvaluation"/>,
/// <see cref="ChoiceEvaluation"/>, <see cref="ClassEvaluation"/>).
/// </summary>
/// <param name="train">Rows that examples are drawn from.</param>
/// <param name="heldOut">Rows that are asked.</param>
/// <param name="tokenizer">What made the tokens of both.</param>
/// <param name="spec">What is measured.</param>
/// <param name="metrics">What is measured besides; null: nothing.</param>
public sealed class RowEvaluator(ITokenRows train, ITokenRows heldOut, TextTokenizer tokenizer, EvaluationSpec spec, JobMetrics? metrics = null)
{
    private readonly FewShotPrompts _prompts = new(train, heldOut, tokenizer, spec);
    private readonly JobMetrics _metrics = metrics ?? JobMetrics.None;

    /// <param name="data">Prepared data with held-out rows.</param>
    /// <param name="spec">What is measured.</param>
    /// <param name="metrics">What is measured besides; null: nothing.</param>
    public RowEvaluator(PreparedData data, EvaluationSpec spec, JobMetrics? metrics = null)
        : this(data.Train, data.Eval ?? throw new ArgumentException("there are no held-out rows", nameof(data)), data.Tokenizer, spec, metrics)
    {
    }

    /// <summary>The training rows that a batch's prompts are made of, or drawn with.</summary>
    public IEnumerable<int> Examples(EvaluationWork work) => _prompts.TrainRows(work.Rows, work.Shots);

    /// <summary>Measures one batch. Call it on the model's device thread.</summary>
    /// <param name="work">Rows and shots.</param>
    /// <param name="measured">The base, or the base with an adapter.</param>
    /// <param name="cache">What was read of the prompts of this measurement; it forgets those of another.</param>
    /// <param name="cancellation">Polled between layers and between tokens.</param>
    /// <returns>A result for each row, in the order of <paramref name="work"/>.</returns>
    /// <exception cref="BadInputException">Too few training rows for the examples, or a question that is longer than the model can see.</exception>
    public IReadOnlyList<RowEvaluation> Evaluate(EvaluationWork work, IModel measured, PromptCache cache, CancellationToken cancellation)
    {
        using var noGraph = no_grad();
        using var scope = NewDisposeScope();
        if (measured is not ILanguageModel model)
            return ClassEvaluation.Of(work, heldOut, measured, _metrics, cancellation);
        cache.GoOn(work.Measurement);
        Question[] questions = [.. work.Rows.Select(row => Ask(row, work.Shots, model.Config.ContextLength))];
        return heldOut.HasChoices
            ? new ChoiceEvaluation(heldOut, tokenizer, spec.RankBy, _metrics).Of(questions, model, cache, work.Texts, cancellation)
            : new AnswerEvaluation(heldOut, tokenizer, spec.MaxNewTokens, _metrics).Of(questions, model, cache, work.Texts, cancellation);
    }

    private Question Ask(int row, int shots, int contextLength)
    {
        // An encoder reads the prompt alone; else the answer stands in the same context.
        var answer = tokenizer.HasEncoder ? 0 : heldOut.HasChoices ? heldOut.Length(row) - heldOut.PromptLength(row) : spec.MaxNewTokens;
        var prompt = _prompts.Prompt(row, shots, contextLength - answer);
        return new Question(row, prompt.Tokens, new PromptBeginning(row % heldOut.Variants, prompt.Examples, prompt.Shared), prompt.LeftOut);
    }
}
