using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Losses.Choices;

/// <summary>
/// The losses of T-Few on answer choices (Liu et al. 2022, arXiv 2205.05638, section 3.2), and their gradient for what the head reads. Unusual: all three depend on the logits
/// through the tokens' log p alone, so ∂L/∂h = Σ_m s_m · ∂(−log p_m)/∂h with one number s_m a token. The head is gone through twice: once for
/// log p, from which the s follow, and once for the gradient; logits of more than a chunk of places never exist (<see cref="HeadLoss"/>). M tokens of choices.
/// </summary>
public static class ChoiceLoss
{
    /// <summary>Losses, and the gradient of what is minimised.</summary>
    /// <param name="rows">The examples.</param>
    /// <param name="states">What a model made of them, <see cref="ILanguageModel.Labelled(ChoiceRows, CancellationToken)"/>.</param>
    /// <param name="weights">Weights of the three.</param>
    /// <param name="step">What the whole step's losses are divided by; of a step in one micro-batch <see cref="ChoiceRows.Counts"/>.</param>
    /// <param name="workspace">Room that is kept between steps.</param>
    /// <param name="gradient_MD">∂/∂states, in the current dispose scope. A head that is trained has its gradient added.</param>
    /// <returns>Sums of these examples, not weighted and not divided.</returns>
    /// <exception cref="ArgumentException">The states are another batch's.</exception>
    public static ChoiceLosses WithGradient(
        ChoiceRows rows, LabelledStates states, ChoiceLossSpec weights, ChoiceCounts step, HeadWorkspace workspace, out Tensor gradient_MD)
    {
        var scores = ChoiceLogProbabilities.Of(rows, states, workspace);
        var slopes = new double[states.Places.Count];
        var losses = new ChoiceLosses(
            LanguageModelTerm.Add(scores, Scale(weights.LanguageModel, step.RightTokens), slopes),
            UnlikelihoodTerm.Add(scores, weights.UnlikelihoodForm, Scale(weights.Unlikelihood, step.WrongTokens), slopes),
            LengthNormalisedTerm.Add(scores, Scale(weights.LengthNormalised, step.Examples), slopes));
        using var targets_M = states.Places.Targets();
        using var slopes_M = tensor(Array.ConvertAll(slopes, slope => (float)slope), device: states.States_MD.device);
        HeadLoss.WithGradient(states.States_MD, states.Head, targets_M, 1, workspace, out gradient_MD, weights_M: slopes_M);
        return losses;
    }

    /// <summary>Losses only.</summary>
    /// <param name="scores">Log-probabilities of the examples' tokens.</param>
    /// <param name="form">How the unlikelihood is written.</param>
    /// <returns>Sums, not divided.</returns>
    public static ChoiceLosses Of(ChoiceLogProbabilities scores, UnlikelihoodForm form = UnlikelihoodForm.Code)
    {
        var counts = scores.Rows.Counts;
        var slopes = new double[counts.RightTokens + counts.WrongTokens];
        return new ChoiceLosses(LanguageModelTerm.Add(scores, 0, slopes), UnlikelihoodTerm.Add(scores, form, 0, slopes), LengthNormalisedTerm.Add(scores, 0, slopes));
    }

    private static double Scale(double weight, long count) => count == 0 ? 0 : weight / count;
}
