namespace PeftCluster.Training.Losses.Choices;

/// <summary>
/// L_LN = −Σ log softmax(β)[right], over examples, with β_n = (1/T_n) Σ_t log p(ŷ_t) of each choice n; divided by the number of examples. An example with one choice has none.
/// </summary>
internal static class LengthNormalisedTerm
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
            var (_, choices, right) = scores.Rows.Examples[example];
            double[] means = [.. choices.Select((_, choice) => scores.Mean(example, choice))];
            var most = means.Max();
            var total = means.Sum(mean => Math.Exp(mean - most));
            sum += Math.Log(total) + most - means[right];
            for (var choice = 0; choice < choices.Count; choice++)
            {
                var slope = (choice == right ? 1 : 0) - Math.Exp(means[choice] - most) / total;
                foreach (ref var own in slopes_M[scores.Span(example, choice)])
                    own += scale * slope / choices[choice].Length;
            }
        }
        return sum;
    }
}
