using PeftCluster.Data.Metrics;
using PeftCluster.Data.Prepared;
using PeftCluster.Data.Prompts;
using PeftCluster.Data.Tokenizers;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Generation;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;

namespace PeftCluster.Training.Evaluation;

/// <summary>
/// Measures rows that are answered freely: the completion's loss with the right tokens given, and the greedy answer. Unusual: the model reads prompt and completion once, for both;
/// generation then goes on from the prompt's keys and values, and its tokens take the completion's places in the cache.
/// </summary>
/// <param name="heldOut">Rows that are asked.</param>
/// <param name="tokenizer">What made their tokens.</param>
/// <param name="maxNewTokens">The most tokens of an answer.</param>
/// <param name="metrics">What answers are measured with besides.</param>
internal sealed class AnswerEvaluation(ITokenRows heldOut, TextTokenizer tokenizer, int maxNewTokens, JobMetrics metrics)
{
    /// <summary>Measures one batch.</summary>
    /// <param name="questions">Its rows.</param>
    /// <param name="model">What is measured.</param>
    /// <param name="cache">What was read of their prompts.</param>
    /// <param name="tellsTexts">Whether results tell the answers.</param>
    /// <param name="cancellation">Polled between layers and between tokens.</param>
    public IReadOnlyList<RowEvaluation> Of(IReadOnlyList<Question> questions, ILanguageModel model, PromptCache cache, bool tellsTexts, CancellationToken cancellation)
    {
        // Nothing predicts the first token, so it is given even where there is no prompt.
        int[][] sequences = [.. questions.Select(question => (int[])[.. question.Prompt, .. heldOut.Completion(question.Row)])];
        int[] given = [.. questions.Select(question => Math.Max(question.Prompt.Length, 1))];
        var rows = model.Begin(new PromptRows(questions.Count, row => sequences[row], row => given[row]), cancellation);
        var prompts = rows.Prompts();
        var read = ReadSequences.Of(rows, [.. questions.Select(question => question.Beginning)], cache, prompts.Max(prompt => prompt.Length) + maxNewTokens, cancellation);
        var states = read.Labelled(model.Head);
        var losses = states.Places.SumRows(HeadLoss.Of(states.States_MD, model.Head, states.Places.Targets()));
        var generator = new AnswerGenerator(rows.Model, new Decoding { MaxNewTokens = maxNewTokens, EndTokens = Ends(sequences.Zip(given)) });
        var answers = rows.Lengths().Where((length, row) => rows.Model.LengthMatters(prompts[row].Length, length)).Any()
            ? generator.Generate(prompts, cancellation)
            : generator.Continue(read.LastGiven(), read.Cache!, prompts, cancellation);
        return [.. questions.Select((question, at) => Measured(question, losses[at], answers[at], sequences[at].AsSpan(given[at]), tellsTexts))];
    }

    /// <summary>The model's token of end, and those that the right answers end in.</summary>
    private int[] Ends(IEnumerable<(int[] Tokens, int Given)> sequences) =>
        [.. sequences.Select(one => AnswerEnd.Of(one.Tokens.AsSpan(one.Given), tokenizer)).Append(tokenizer.EosId).OfType<int>().Distinct()];

    private RowEvaluation Measured(Question question, double loss, int[] answer, ReadOnlySpan<int> right, bool tellsTexts)
    {
        var texts = new AnswerTexts(Text(answer), Text(right));
        var scores = metrics.Of(question.Row, new MeasuredAnswer(texts.Given, texts.Right, loss, right.Length));
        return new RowEvaluation(
            question.Row, loss, right.Length, ExactMatch.Of(texts.Given, texts.Right), Math.Max(question.Prompt.Length, 1), scores, null, question.LeftOut, tellsTexts ? texts : null);
    }

    private string Text(ReadOnlySpan<int> tokens) => tokenizer.Decode(tokens, skipSpecialTokens: true);
}
