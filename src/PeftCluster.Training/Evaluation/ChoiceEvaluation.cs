using PeftCluster.Data.Prepared;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Losses.Choices;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Evaluation;

/// <summary>
/// Measures rows that have answer choices, by <see cref="RankClassification"/>. Nothing is generated. A batch is so many rows, and all of their choices; a model with an encoder
/// reads each prompt once, one without reads it before each choice.
/// </summary>
/// <param name="heldOut">Rows that are asked.</param>
/// <param name="tokenizer">What made their tokens.</param>
/// <param name="by">What choices are compared by.</param>
/// <param name="metrics">What answers are measured with besides.</param>
internal sealed class ChoiceEvaluation(ITokenRows heldOut, TextTokenizer tokenizer, RankBy by, JobMetrics metrics)
{
    /// <summary>Measures one batch.</summary>
    /// <param name="questions">Its rows.</param>
    /// <param name="model">What is measured.</param>
    /// <param name="cache">What was read of their prompts.</param>
    /// <param name="tellsTexts">Whether results tell the answers.</param>
    /// <param name="cancellation">Polled between layers.</param>
    public IReadOnlyList<RowEvaluation> Of(IReadOnlyList<Question> questions, ILanguageModel model, PromptCache cache, bool tellsTexts, CancellationToken cancellation)
    {
        var examples = ChoiceRows.Of(heldOut, [.. questions.Select(question => question.Row)]).Examples;
        var choices = new ChoiceRows([.. examples.Zip(questions, (example, question) => example with { Prompt = question.Prompt })]);
        var rows = model.Begin(choices, cancellation);
        var read = ReadSequences.Of(rows, [.. choices.Owners.Select(example => questions[example].Beginning)], cache, room: 0, cancellation);
        var scores = ChoiceLogProbabilities.Of(choices, read.Labelled(model.Head));
        return [.. questions.Select((question, example) => Measured(question, scores, example, tellsTexts))];
    }

    private RowEvaluation Measured(Question question, ChoiceLogProbabilities scores, int example, bool tellsTexts)
    {
        var (_, choices, right) = scores.Rows.Examples[example];
        var answer = RankClassification.Order(scores, example, by)[0];
        var texts = new AnswerTexts(Text(choices[answer]), Text(choices[right]));
        var loss = -scores.Sum(example, right);
        return new RowEvaluation(
            question.Row, loss, choices[right].Length, answer == right, question.Prompt.Length,
            metrics.Of(question.Row, new MeasuredAnswer(texts.Given, texts.Right, loss, choices[right].Length)),
            new ChoiceRanking(answer, right, RankClassification.Scores(scores, example, by)), question.LeftOut, tellsTexts ? texts : null);
    }

    private string Text(int[] tokens) => tokenizer.Decode(tokens, skipSpecialTokens: true).Trim();
}
