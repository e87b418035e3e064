using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;

namespace PeftCluster.Steps.Seam;

/// <summary>The three losses on answer choices: of a micro-batch sums, not weighted and not divided, which add; of a step means (<see cref="Over"/>).</summary>
/// <param name="LanguageModel">L_LM</param>
/// <param name="Unlikelihood">L_UL</param>
/// <param name="LengthNormalised">L_LN</param>
public readonly record struct ChoiceLosses(double LanguageModel, double Unlikelihood, double LengthNormalised)
{
    public static ChoiceLosses operator +(ChoiceLosses left, ChoiceLosses right) => left.Add(right);

    /// <summary>Of a leaf: sums.</summary>
    public static ChoiceLosses Of(LeafResult leaf) => new(leaf.LossSum, leaf.Choices?.Unlikelihood ?? 0, leaf.Choices?.LengthNormalised ?? 0);

    public ChoiceLosses Add(ChoiceLosses other) =>
        new(LanguageModel + other.LanguageModel, Unlikelihood + other.Unlikelihood, LengthNormalised + other.LengthNormalised);

    /// <summary>Sums as means, each over its own count. What nothing was counted of is 0: examples with one choice have no wrong one.</summary>
    public ChoiceLosses Over(ChoiceCounts step) =>
        new(Mean(LanguageModel, step.RightTokens), Mean(Unlikelihood, step.WrongTokens), Mean(LengthNormalised, step.Examples));

    /// <summary>What is minimised, of means.</summary>
    public double Total(ChoiceLossSpec weights) =>
        weights.LanguageModel * LanguageModel + weights.Unlikelihood * Unlikelihood + weights.LengthNormalised * LengthNormalised;

    private static double Mean(double sum, long count) => count == 0 ? 0 : sum / count;
}
