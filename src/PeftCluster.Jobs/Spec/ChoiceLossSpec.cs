using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec;

/// <summary>
/// What rows with answer choices minimise: a · L_LM + b · L_UL + c · L_LN, T-Few's three losses (Liu et al. 2022, arXiv 2205.05638, section 3.2).
/// A weight of 0 switches a loss off; its value is told all the same.
/// </summary>
public sealed record ChoiceLossSpec
{
    /// <summary>a, the weight of the right answer's cross-entropy, a mean over its tokens.</summary>
    [In("[0, 1000]")]
    public double LanguageModel { get; init; } = 1;

    /// <summary>b, the weight of the unlikelihood of wrong choices, a mean over their tokens.</summary>
    [In("[0, 1000]")]
    public double Unlikelihood { get; init; } = 1;

    /// <summary>c, the weight of the cross-entropy of the right choice among all by their length-normalised log-probabilities, a mean over examples.</summary>
    [In("[0, 1000]")]
    public double LengthNormalised { get; init; } = 1;

    /// <summary>How the unlikelihood is written.</summary>
    public UnlikelihoodForm UnlikelihoodForm { get; init; } = UnlikelihoodForm.Code;
}

/// <summary>The two ways in which the unlikelihood loss is written.</summary>
public enum UnlikelihoodForm
{
    /// <summary>−log(1 − p + 0.01), as the authors' program has it: a token that is sure costs 4.6 and no more.</summary>
    Code,

    /// <summary>−log(1 − p), as the paper has it.</summary>
    Paper,
}
