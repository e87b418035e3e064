namespace PeftCluster.Training.Losses.Choices;

/// <summary>L_LM = −Σ_t log p(y_t), over the tokens of all right answers; divided by their number.</summary>
internal static class LanguageModelTerm
{
    /// <summary>Answers the sum.</summary>
    /// <param name="scores">Log-probabilities of the M tokens.</param>
    /// <param name="scale">The loss's weight ÷ its count.</param>
    /// <param name="slopes_M">scale · ∂sum/∂(−log p) is added.</param>
    public static double Add(ChoiceLogProbabilities scores, double scale, Span<double> slopes_M)
    {
        var sum = 0.0;
        for (var example = 0; example < scores.Rows.Examples.Count; example++)
        {
            var right = scores.Rows.Examples[example].Correct;
            sum -= scores.Sum(example, right);
            foreach (ref var slope in slopes_M[scores.Span(example, right)])
                slope += scale;
        }
        return sum;
    }
}
