using PeftCluster.Cluster.Coordinator;

namespace PeftCluster.Server.Reports;

/// <summary>One of the losses whose weighted sum is a step's loss on answer choices: a mean over its own count, not weighted.</summary>
/// <param name="Key">In metrics.jsonl, and in TensorBoard behind <c>train/</c>.</param>
/// <param name="Sign">The paper's letters.</param>
/// <param name="Name">For people.</param>
/// <param name="Mean">In nats.</param>
public sealed record LossTerm(string Key, string Sign, string Name, double Mean)
{
    /// <summary>Of a step; none where its rows have no choices.</summary>
    public static IReadOnlyList<LossTerm> Of(StepCommitted step) => step.Choices is { } losses ? Of(losses.LanguageModel, losses.Unlikelihood, losses.LengthNormalised) : [];

    /// <summary>Of the three means.</summary>
    public static IReadOnlyList<LossTerm> Of(double languageModel, double unlikelihood, double lengthNormalised) =>
    [
        new("loss_language_model", "LM", "Cross-entropy of the right answer's tokens", languageModel),
        new("loss_unlikelihood", "UL", "Unlikelihood of the wrong choices' tokens", unlikelihood),
        new("loss_length_normalised", "LN", "Cross-entropy of the right choice among all", lengthNormalised),
    ];
}
