using PeftCluster.Jobs.Spec.Keys;

namespace PeftCluster.Jobs.Spec.Comparison;

/// <summary>The base alone: what it answers with so many examples in its prompt.</summary>
public sealed record PromptingSpec
{
    /// <summary>How many examples stand in the prompt, a measurement each. The one without examples is measured always.</summary>
    [Items(0, 16), In("[0, 32]")]
    public ValueList<int> Shots { get; init; } = [0, 1, 4];

    /// <summary>Each prompt with examples is measured once more with this share of them given a wrong answer, to see what they cost. 0: it is not.</summary>
    [In("[0, 1]")]
    public double WrongLabels { get; init; }
}
