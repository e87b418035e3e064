using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Losses.Choices;

namespace PeftCluster.Training.Evaluation;

/// <summary>
/// Rank classification (Liu et al. 2022, arXiv 2205.05638, section 3.3): the answer is the choice that the model finds most probable. Of equal ones the first wins.
/// </summary>
public static class RankClassification
{
    /// <summary>The answer to each example, the number of a choice.</summary>
    /// <param name="scores">Log-probabilities of the choices' tokens.</param>
    /// <param name="by">What is compared.</param>
    public static int[] Answers(ChoiceLogProbabilities scores, RankBy by) =>
        [.. Enumerable.Range(0, scores.Rows.Examples.Count).Select(example => Order(scores, example, by)[0])];

    /// <summary>An example's choices, the most probable first.</summary>
    /// <param name="scores">Log-probabilities of the choices' tokens.</param>
    /// <param name="example">Its number in the batch.</param>
    /// <param name="by">What is compared.</param>
    public static int[] Order(ChoiceLogProbabilities scores, int example, RankBy by) =>
        [.. Enumerable.Range(0, scores.Rows.Examples[example].Choices.Count).OrderByDescending(choice => Score(scores, example, choice, by))];

    /// <summary>What an example's choices are compared by, choice after choice.</summary>
    /// <param name="scores">Log-probabilities of the choices' tokens.</param>
    /// <param name="example">Its number in the batch.</param>
    /// <param name="by">What is compared.</param>
    public static double[] Scores(ChoiceLogProbabilities scores, int example, RankBy by) =>
        [.. Enumerable.Range(0, scores.Rows.Examples[example].Choices.Count).Select(choice => Score(scores, example, choice, by))];

    private static double Score(ChoiceLogProbabilities scores, int example, int choice, RankBy by) =>
        by == RankBy.Sum ? scores.Sum(example, choice) : scores.Mean(example, choice);
}
