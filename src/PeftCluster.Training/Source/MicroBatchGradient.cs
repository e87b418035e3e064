using PeftCluster.Data.Prepared;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Losses.Choices;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using static TorchSharp.torch;

namespace PeftCluster.Training.Source;

/// <summary>
/// One micro-batch to its gradient: rows in their fixed padded shape, hidden states, loss at labelled places only, backward to the lowest
/// adapter. Rows with answer choices go through the model a choice at a time, with T-Few's three losses (<see cref="ChoiceLoss"/>).
/// Frozen weights and the embedding's output require no gradient, so no graph exists below it. Used on the model's device thread.
/// </summary>
/// <param name="adapted">The model, its adapter loaded with the step's version.</param>
/// <param name="rows">The training rows.</param>
/// <param name="smoothing">ε of label smoothing.</param>
/// <param name="own">A plugin's loss in the place of cross-entropy; null: none.</param>
/// <param name="recomputed">How many layers a micro-batch's backward pass computes again; null: none.</param>
/// <param name="choiceLoss">Weights of the losses on answer choices; null: the defaults.</param>
public sealed class MicroBatchGradient(
    AdaptedModel adapted, ITokenRows rows, double smoothing = 0, JobLoss? own = null, Func<MicroBatch, int>? recomputed = null, ChoiceLossSpec? choiceLoss = null) : IDisposable
{
    private readonly HeadWorkspace _workspace = new();

    /// <summary>
    /// The forward half: losses, and the gradient at the last hidden states. The graph lives in the current dispose scope until
    /// <see cref="ForwardPass.Backward"/>.
    /// </summary>
    public ForwardPass Forward(GradientWork work, CancellationToken cancellation)
    {
        adapted.Vector.ClearGradient();
        return rows.HasChoices ? OfChoices(work, cancellation) : OfAnswers(work, cancellation);
    }

    private ForwardPass OfAnswers(GradientWork work, CancellationToken cancellation)
    {
        var batch = work.MicroBatch;
        var read = PromptRows.Of(rows, batch);
        if (read.Labels == 0)
            return new ForwardPass(new LeafResult(0, 0, batch.Tokens), null);
        var (states_MD, places, head) = adapted.Train(work.Step, batch, recomputed?.Invoke(batch) ?? 0, model => model.Labelled(read, cancellation));
        cancellation.ThrowIfCancellationRequested();
        var losses = HeadLoss.WithGradient(states_MD, head, places.Targets(), work.Denominator, _workspace, out var gradient_MD, smoothing, own);
        // Where dropout left the whole adapter out there is nothing to learn from.
        Action? backward = states_MD.requires_grad ? () => adapted.Backward(work.Step, batch, states_MD, gradient_MD) : null;
        return new ForwardPass(new LeafResult(places.SumRows(losses).Sum(), places.Count, batch.Tokens), backward);
    }

    private ForwardPass OfChoices(GradientWork work, CancellationToken cancellation)
    {
        var batch = work.MicroBatch;
        if (batch.Rows.Count == 0)
            return new ForwardPass(new LeafResult(0, 0, batch.Tokens, Choices: new ChoiceSums(0, 0)), null);
        var step = work.Choices ?? throw new ArgumentException("a step of rows with choices has a count for each of their losses", nameof(work));
        var read = ChoiceRows.Of(rows, batch);
        var states = adapted.Train(work.Step, batch, recomputed?.Invoke(batch) ?? 0, model => ((ILanguageModel)model).Labelled(read, cancellation), read.Owners);
        cancellation.ThrowIfCancellationRequested();
        var losses = ChoiceLoss.WithGradient(read, states, choiceLoss ?? new ChoiceLossSpec(), step, _workspace, out var gradient_MD);
        Action? backward = states.States_MD.requires_grad ? () => adapted.Backward(work.Step, batch, states.States_MD, gradient_MD, read.Owners) : null;
        return new ForwardPass(new LeafResult(
            losses.LanguageModel, (int)read.Counts.RightTokens, batch.Tokens, Choices: new ChoiceSums(losses.Unlikelihood, losses.LengthNormalised)), backward);
    }

    /// <summary>Both halves; the gradient is in the adapter's vector. With shard 0 comes the loss's term of the adapter alone, which is no row's: so it is there once in a step, and whoever computes that leaf again has it too.</summary>
    public LeafResult Compute(GradientWork work, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var pass = Forward(work, cancellation);
        cancellation.ThrowIfCancellationRequested();
        pass.Backward();
        return work.MicroBatch.Shard == 0 ? pass.Result with { AdapterLoss = adapted.AddAdapterLoss() } : pass.Result;
    }

    public void Dispose() => _workspace.Dispose();
}

/// <summary>A forward pass whose backward pass is still to come. Without labels there is none.</summary>
public sealed class ForwardPass
{
    private readonly Action? _backward;

    internal ForwardPass(LeafResult result, Action? backward) => (Result, _backward) = (result, backward);

    public LeafResult Result { get; }

    /// <summary>Adds the gradient to the adapter's vector and frees the graph.</summary>
    public void Backward() => _backward?.Invoke();
}
