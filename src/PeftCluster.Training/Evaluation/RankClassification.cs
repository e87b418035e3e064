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
    public static int[] Answers(ChoiceLogProbabilities scores, ChoiceScore by) =>
        [.. Enumerable.Range(0, scores.Rows.Examples.Count).Select(example => Order(scores, example, by)[0])];

    /// <summary>An example's choices, the most probable first.</summary>
    /// <param name="scores">Log-probabilities of the choices' tokens.</param>
    /// <param name="example">Its number in the batch.</param>
    /// <param name="by">What is compared.</param>
    public static int[] Order(ChoiceLogProbabilities scores, int example, ChoiceScore by) =>
        [.. Enumerable.Range(0, scores.Rows.Examples[example].Choices.Count).OrderByDescending(choice => Score(scores, example, choice, by))];

    private static double Score(ChoiceLogProbabilities scores, int example, int choice, ChoiceScore by) =>
        by == ChoiceScore.Sum ? scores.Sum(example, choice) : scores.Mean(example, choice);
}

/// <summary>What choices are compared by.</summary>
public enum ChoiceScore
{
    /// <summary>(1/T) Σ log p, which does not favour short choices; T-Few's way.</summary>
    Mean,

    /// <summary>Σ log p.</summary>
    Sum,
}
