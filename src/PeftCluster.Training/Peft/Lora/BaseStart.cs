using System.Globalization;
using System.Runtime.InteropServices;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Randomness;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>
/// Starts that are a part of the base's weight W [out, in], s·B·A of rank r, which is then taken away from it:
/// <code>
/// pissa           W = U S Vᵀ;  B = U_r √(S_r ÷ s),  A = √(S_r ÷ s) V_rᵀ      (Meng et al., arXiv 2404.02948)
/// pissa_niter_N   the same of W's projection on r directions that N rounds of power iteration find
/// olora           W = Q R;     B = Q's first r columns, A = R's first r rows   (Büyükakyüz, arXiv 2406.01775)
/// </code>
/// Unusual: W itself stays as it is, shared by all workers. What is taken away is computed beside it, which is what the exported adapter does too.
/// </summary>
internal static class BaseStart
{
    private const string Rounds = "pissa_niter_";

    /// <exception cref="BadInputException">A layer has not so many directions.</exception>
    public static void Check(LoraSpec spec, IEnumerable<LoraTarget> targets)
    {
        foreach (var target in targets.Where(target => spec.StartsFromBase && target.Rank > Math.Min(target.Layer.In, target.Layer.Out)))
            throw new BadInputException($"method.r: {target.Rank} is above what init_lora_weights: {spec.InitLoraWeights} finds in {target.Layer.Path}, {Math.Min(target.Layer.In, target.Layer.Out)}. Lower r, or set it for this module in rank_pattern.");
    }

    /// <summary>A [r, in] and B [out, r], in the current dispose scope.</summary>
    /// <param name="kind">A word of init_lora_weights.</param>
    /// <param name="weight">W [out, in].</param>
    /// <param name="rank">r</param>
    /// <param name="scale">s</param>
    public static (Tensor A, Tensor B) Of(string kind, Tensor weight, int rank, double scale)
    {
        using var noGraph = no_grad();
        if (kind == "olora")
        {
            var (q, upper) = linalg.qr(weight);
            return (upper.narrow(0, 0, rank), q.narrow(1, 0, rank));
        }
        var (left, values, right) = kind.StartsWith(Rounds, StringComparison.Ordinal)
            ? Approximate(weight, rank, int.Parse(kind.AsSpan(Rounds.Length), CultureInfo.InvariantCulture))
            : linalg.svd(weight, fullMatrices: false);
        var root = values.narrow(0, 0, rank).DividedBy(scale).sqrt();
        return (root.unsqueeze(1) * right.narrow(0, 0, rank), left.narrow(1, 0, rank) * root);
    }

    // Halko, Martinsson, Tropp, arXiv 0909.4061, algorithms 4.4 and 5.1, as torch.svd_lowrank; the first directions are Philox's.
    private static (Tensor Left, Tensor Values, Tensor Right) Approximate(Tensor weight, int rank, int rounds)
    {
        var (basis, _) = linalg.qr(weight.mm(Directions(weight.shape[1], rank)));
        for (var round = 0; round < rounds; round++)
        {
            var (other, _) = linalg.qr(weight.t().mm(basis));
            (basis, _) = linalg.qr(weight.mm(other));
        }
        var (left, values, right) = linalg.svd(basis.t().mm(weight), fullMatrices: false);
        return (basis.mm(left), values, right);
    }

    private static Tensor Directions(long rows, int columns)
    {
        var directions = empty(rows, columns);
        var random = new PhiloxStream(0, PhiloxPurpose.InitialValues);
        foreach (ref var value in MemoryMarshal.Cast<byte, float>(directions.bytes))
            value = (float)random.NextGaussian();
        return directions;
    }
}

/// <summary>A layer less what its adapter began as: y = W x + b − s · B₀ (A₀ x), nothing of it trained.</summary>
internal sealed class LessenedLinear(IPlainLinear plain, Tensor a, Tensor b, double scale) : ILinear
{
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var change = nn.functional.linear(nn.functional.linear(x, a), b);
        // In place, as LoraLinear does it.
        return plain.Forward(x).Plus_(change, times: -scale).MoveToOuterDisposeScope();
    }
}
