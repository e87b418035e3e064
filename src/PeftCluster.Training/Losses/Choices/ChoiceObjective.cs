namespace PeftCluster.Training.Losses.Choices;

/// <summary>What T-Few minimises (Liu et al. 2022, arXiv 2205.05638, section 3.2): a · L_LM + b · L_UL + c · L_LN. A weight of 0 switches a loss off; its value is told all the same.</summary>
public sealed record ChoiceObjective
{
    /// <summary>Weight of the right answer's cross-entropy, <see cref="LanguageModelTerm"/>.</summary>
    public double LanguageModel { get; init; } = 1;

    /// <summary>Weight of the wrong choices' unlikelihood, <see cref="UnlikelihoodTerm"/>.</summary>
    public double Unlikelihood { get; init; } = 1;

    /// <summary>Weight of the choice among length-normalised log-probabilities, <see cref="LengthNormalisedTerm"/>.</summary>
    public double LengthNormalised { get; init; } = 1;

    public UnlikelihoodForm Form { get; init; } = UnlikelihoodForm.Code;
}

/// <summary>The two ways in which the unlikelihood loss is written.</summary>
public enum UnlikelihoodForm
{
    /// <summary>−log(1 − p + 0.01), as the authors' program has it: a token that is sure costs 4.6 and no more.</summary>
    Code,

    /// <summary>−log(1 − p), as the paper has it.</summary>
    Paper,
}
