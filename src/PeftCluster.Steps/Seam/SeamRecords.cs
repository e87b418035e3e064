using System.Text.Json.Serialization;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Steps.Plan;

namespace PeftCluster.Steps.Seam;

/// <summary>What a job trains, as known before any weight is read.</summary>
/// <param name="Layout">The adapter's vector.</param>
/// <param name="TrainedParameters">Numbers that are trained (padding not counted).</param>
/// <param name="BaseParameters">Numbers of the frozen base model.</param>
/// <param name="Method">The method for people, for example "LoRA r 8 on q_proj, v_proj".</param>
/// <param name="Architecture">The base model's family, for example "llama".</param>
/// <param name="Allocation">What the coordinator does with the adapter's ranks after each step; null: nothing.</param>
public sealed record SourceDescription(
    VectorLayout Layout, long TrainedParameters, long BaseParameters, string Method, string Architecture, RankAllocation? Allocation = null);

/// <summary>One leaf to compute.</summary>
/// <param name="Step">The step's number.</param>
/// <param name="MicroBatch">The shard's rows.</param>
/// <param name="Denominator">What the loss is divided by.</param>
public sealed record GradientWork(int Step, MicroBatch MicroBatch, long Denominator);

/// <summary>What a leaf says besides its vector.</summary>
/// <param name="LossSum">The sum of the labelled tokens' losses, not divided; tokens are added row by row, then serially.</param>
/// <param name="Labels">How many tokens were summed.</param>
/// <param name="Tokens">Tokens computed, without padding.</param>
/// <param name="AdapterLoss">The loss's term of the adapter alone (AdaLoRA's orthogonality), weighted. It knows no rows, so the leaf of shard 0 has it and its gradient; 0 in others and where a method has none.</param>
public sealed record LeafResult(double LossSum, int Labels, int Tokens, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double AdapterLoss = 0);

/// <summary>A fixed batch of held-out rows.</summary>
/// <param name="Rows">Held-out row numbers.</param>
/// <param name="Shots">How many demonstrations stand before each prompt.</param>
public sealed record EvaluationWork(IReadOnlyList<int> Rows, int Shots)
{
    /// <summary>Batches of one number measure one model with one adapter, so what they share may be computed once; null: this batch stands alone.</summary>
    public int? Measurement { get; init; }

    /// <summary>Whether results tell the answers themselves (<see cref="RowEvaluation.Texts"/>).</summary>
    public bool Texts { get; init; }
}

/// <summary>What was measured on one held-out row.</summary>
/// <param name="Row">The held-out row's number.</param>
/// <param name="LossSum">The sum of the completion tokens' losses; of answer choices, the right one's.</param>
/// <param name="Labels">Completion tokens.</param>
/// <param name="ExactMatch">Whether greedy generation gave exactly the completion's text (white space at both ends aside), or the right choice was ranked first.</param>
/// <param name="PromptTokens">Tokens of the prompt, demonstrations included.</param>
/// <param name="Scores">What the job's own metrics say of it, in the job's order; null: it has none.</param>
/// <param name="Ranking">How the row's answer choices compare; null: it has none.</param>
/// <param name="LeftOut">Demonstrations that were asked for and left out, the oldest first: the prompt would have been too long.</param>
/// <param name="Texts">The answers themselves; null: they were not asked for.</param>
public sealed record RowEvaluation(
    int Row, double LossSum, int Labels, bool ExactMatch, int PromptTokens,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Score>? Scores = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChoiceRanking? Ranking = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int LeftOut = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] AnswerTexts? Texts = null);

/// <summary>A row's answer choices as a model ranks them.</summary>
/// <param name="Answer">The choice that it finds most probable, from 0.</param>
/// <param name="Right">The right one.</param>
/// <param name="Scores">What is compared, of each choice: log-probabilities, summed or averaged over its tokens as evaluation.rank_by says.</param>
public sealed record ChoiceRanking(int Answer, int Right, IReadOnlyList<double> Scores);

/// <summary>An answer and what it should have been, without special tokens.</summary>
public sealed record AnswerTexts(string Given, string Right);

/// <summary>A number of a metric that is not built in.</summary>
/// <param name="Metric">The metric's name.</param>
/// <param name="Value">For a row, or the mean over rows.</param>
public sealed record Score(string Metric, double Value)
{
    /// <summary>Means over rows, in the metrics' order and adding in the rows'; null where there is nothing to measure.</summary>
    public static IReadOnlyList<Score>? Means(IReadOnlyList<RowEvaluation> rows) => rows is not [{ Scores: { } first }, ..] ? null :
        [.. first.Select((score, at) => new Score(score.Metric, rows.Sum(row => row.Scores![at].Value) / rows.Count))];
}
