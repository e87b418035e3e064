using PeftCluster.Jobs.Spec;

namespace PeftCluster.Training.Losses.Choices;

/// <summary>
/// L_UL = −Σ_n Σ_t log(1 − p(ŷ_t) + ε), over the tokens of all wrong choices; divided by their number. ε is 0.01 in the authors' program
/// (r-three/t-few, src/models/EncoderDecoder.py) and 0 in the paper. That program also takes log 1.01 off for each padded place and each place of a right answer, which no gradient sees; it is left out.
/// </summary>
internal static class UnlikelihoodTerm
{
    private const double Epsilon = 1e-2;

    // p comes from float32, which has nothing between 1 − 2⁻²⁴ and 1: without this the paper's form is infinite where p rounds to 1, and its gradient no number.
    private const double LeastRest = 1.0 / (1 << 24);

    /// <summary>Answers the sum.</summary>
    /// <param name="scores">Log-probabilities of the M tokens.</param>
    /// <param name="form">With ε or without.</param>
    /// <param name="scale">The loss's weight ÷ its count.</param>
    /// <param name="slopes_M">scale · ∂sum/∂(−log p) is added.</param>
    public static double Add(ChoiceLogProbabilities scores, UnlikelihoodForm form, double scale, Span<double> slopes_M)
    {
        var sum = 0.0;
        for (var example = 0; example < scores.Rows.Examples.Count; example++)
        {
            var (_, choices, right) = scores.Rows.Examples[example];
            for (var choice = 0; choice < choices.Count; choice++)
            {
                if (choice != right)
                    sum += AddChoice(scores.Tokens(example, choice), form, scale, slopes_M[scores.Span(example, choice)]);
            }
        }
        return sum;
    }

    private static double AddChoice(ReadOnlySpan<double> tokens, UnlikelihoodForm form, double scale, Span<double> slopes)
    {
        var sum = 0.0;
        for (var token = 0; token < tokens.Length; token++)
        {
            var p = Math.Exp(tokens[token]);
            var rest = form == UnlikelihoodForm.Code ? 1 - p + Epsilon : Math.Max(1 - p, LeastRest);
            sum -= Math.Log(rest);
            slopes[token] -= scale * p / rest;
        }
        return sum;
    }
}
