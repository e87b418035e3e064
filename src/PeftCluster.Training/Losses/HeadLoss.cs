using System.Runtime.InteropServices;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Losses;

/// <summary>
/// Head and cross-entropy in one: −log softmax(h Wᵀ)[target] for each labelled place, and its gradient for h, without ever holding
/// the logits of more than 512 places. Unusual: the gradient is made beside the loss, ∂/∂h = (softmax − onehot) W ÷ denominator,
/// so no graph keeps logits, and backward starts at h. A head that is trained gets its gradient at once, added to its .grad; so does what an adapter has
/// in the head (<see cref="IHeadChange"/>). M places, D what the head reads of each, V vocabulary.
/// </summary>
public static class HeadLoss
{
    // Fewer rows make the product slower (each call packs the head anew), more rows cost memory: measured.
    private const int ChunkRows = 512;

    // Softmax goes over its numbers five times: so many rows of a large vocabulary stay in the cache meanwhile.
    private const long BlockRows = 16;

    /// <summary>Bytes of logits that exist at once.</summary>
    public static long Room(long places, long vocabulary) => sizeof(float) * Math.Min(places, ChunkRows) * vocabulary;

    /// <summary>Losses only.</summary>
    /// <param name="hidden_MD">What the head reads of labelled places (<see cref="OutputHead.Read"/>).</param>
    /// <param name="head">The head; null: what is given are logits.</param>
    /// <param name="targets_M">int64 ids to predict.</param>
    /// <param name="workspace">Room that is kept; null: none is.</param>
    /// <returns>One loss a place, not divided.</returns>
    public static float[] Of(Tensor hidden_MD, OutputHead? head, Tensor targets_M, HeadWorkspace? workspace = null)
    {
        using var own = workspace is null ? new HeadWorkspace() : null;
        return Run(hidden_MD, head, targets_M, new Objective(1, 0), workspace ?? own!, null);
    }

    /// <summary>Losses, and the gradient of their sum ÷ <paramref name="denominator"/>.</summary>
    /// <param name="hidden_MD">What the head reads of labelled places; no graph is made from it.</param>
    /// <param name="head">The head; null: what is given are logits.</param>
    /// <param name="targets_M">int64 ids to predict.</param>
    /// <param name="denominator">Labels of the whole step.</param>
    /// <param name="workspace">Room that is kept between steps.</param>
    /// <param name="gradient_MD">∂/∂hidden, in the current dispose scope.</param>
    /// <param name="smoothing">ε of label smoothing: (1 − ε) · −log p[target] + ε · mean over V of −log p, as transformers' LabelSmoother.</param>
    /// <param name="own">A plugin's loss in the place of cross-entropy; null: none.</param>
    /// <param name="weights_M">float32: what each place's loss is multiplied by in the sum whose gradient is made, of any sign; null: 1.</param>
    /// <returns>One loss a place, not divided and not weighted.</returns>
    public static float[] WithGradient(
        Tensor hidden_MD, OutputHead? head, Tensor targets_M, long denominator, HeadWorkspace workspace, out Tensor gradient_MD, double smoothing = 0, JobLoss? own = null, Tensor? weights_M = null)
    {
        gradient_MD = empty_like(hidden_MD, requires_grad: false);
        return Run(hidden_MD, head, targets_M, new Objective(denominator, smoothing, own, weights_M), workspace, gradient_MD);
    }

    private static float[] Run(
        Tensor hidden_MD, OutputHead? head, Tensor targets_M, Objective objective, HeadWorkspace workspace, Tensor? gradient_MD)
    {
        using var noGraph = no_grad();
        var places = hidden_MD.shape[0];
        var losses = new float[places];
        for (var start = 0L; start < places; start += ChunkRows)
        {
            using var scope = NewDisposeScope();
            var rows = Math.Min(ChunkRows, places - start);
            var read_RD = hidden_MD.narrow(0, start, rows);
            var logits_RV = workspace.Take(rows, head?.Weight_VD.shape[0] ?? hidden_MD.shape[1], hidden_MD.device);
            Logits(logits_RV, read_RD, head);
            var most = objective.Own is null ? BlockRows : rows;
            for (var block = 0L; block < rows; block += most)
            {
                var size = Math.Min(most, rows - block);
                var (logits, targets) = (logits_RV.narrow(0, block, size), targets_M.narrow(0, start + block, size));
                var loss = objective.Own?.InPlace(logits, targets, head?.Cap, objective.Denominator) ?? Softmax(logits, targets, head?.Cap, objective, gradient_MD is not null);
                loss.CopyTo(losses.AsSpan((int)(start + block)));
                if (gradient_MD is not null && objective.Weights_M is { } weights_M)
                    logits.mul_(weights_M.narrow(0, start + block, size).unsqueeze(1));
            }
            if (gradient_MD is not null)
                Back(logits_RV, read_RD, head, gradient_MD.narrow(0, start, rows));
        }
        return losses;
    }

    private static void Logits(Tensor logits_RV, Tensor read_RD, OutputHead? head)
    {
        if (head is null)
        {
            logits_RV.copy_(read_RD);
            return;
        }
        var hidden_RD = head.HiddenOf(read_RD).to(head.Format);
        foreach (var (start, rows_WD) in head.Blocks())
            Product(logits_RV.narrow(1, start, rows_WD.shape[0]), hidden_RD, rows_WD.t(), adds: false);
        head.Change?.Apply(logits_RV, read_RD);
    }

    private static void Back(Tensor slope_RV, Tensor read_RD, OutputHead? head, Tensor gradient_RD)
    {
        if (head is null)
        {
            gradient_RD.copy_(slope_RV);
            return;
        }
        foreach (var (start, rows_WD) in head.Blocks())
            Product(head.HiddenOf(gradient_RD), slope_RV.narrow(1, start, rows_WD.shape[0]).to(head.Format), rows_WD, adds: start > 0);
        head.Change?.Learn(slope_RV, read_RD, gradient_RD);
        if (head.Weight_VD.requires_grad)
            head.Weight_VD.grad!.addmm_(slope_RV.t(), head.HiddenOf(read_RD).to(ScalarType.Float32), beta: 1, alpha: 1);
    }

    // In place where formats are equal; a product of 16 bits becomes what the result is, and the losses are float32.
    private static void Product(Tensor result, Tensor left, Tensor right, bool adds)
    {
        if (result.dtype == right.dtype)
            result.addmm_(left, right, beta: adds ? 1 : 0, alpha: 1);
        else if (adds)
            result.Plus_(left.mm(right));
        else
            result.copy_(left.mm(right));
    }

    /// <summary>Losses of some places; with a gradient their logits become ∂loss/∂logits ÷ denominator, in place.</summary>
    private static float[] Softmax(Tensor logits_RV, Tensor targets_R, double? cap, Objective objective, bool withGradient)
    {
        using var scope = NewDisposeScope();
        var slope_RV = cap is { } most ? Bend(logits_RV, most, withGradient) : null;
        var target_R1 = targets_R.unsqueeze(1);
        logits_RV.sub_(logits_RV.amax([1], keepdim: true));
        var target = logits_RV.gather(1, target_R1);
        var aimed = objective.Smoothing > 0 ? target.Times(1 - objective.Smoothing).Plus(logits_RV.mean([1], keepdim: true).Times(objective.Smoothing)) : target;
        var sum_R1 = logits_RV.exp_().sum([1], keepdim: true);
        var losses = MemoryMarshal.Cast<byte, float>(sum_R1.log().sub_(aimed).cpu().bytes).ToArray();
        if (withGradient)
        {
            logits_RV.div_(sum_R1.Times_(objective.Denominator));
            logits_RV.scatter_add_(1, target_R1, target.FullLike((objective.Smoothing - 1) / objective.Denominator));
            if (objective.Smoothing > 0)
                logits_RV.Minus_(objective.Smoothing / ((double)objective.Denominator * logits_RV.shape[1]));
            if (slope_RV is not null)
                logits_RV.mul_(slope_RV);
        }
        return losses;
    }

    /// <summary>What the losses are divided by in the gradient, ε of label smoothing, a loss in the place of cross-entropy, and what each place counts.</summary>
    private readonly record struct Objective(long Denominator, double Smoothing, JobLoss? Own = null, Tensor? Weights_M = null);

    // Logits become c · tanh(logit ÷ c), in place; its slope is 1 − tanh².
    private static Tensor? Bend(Tensor logits_RV, double cap, bool withSlope)
    {
        logits_RV.DividedBy_(cap).tanh_();
        var slope_RV = withSlope ? logits_RV.Squared().neg_().Plus_(1) : null;
        logits_RV.Times_(cap);
        return slope_RV;
    }
}
