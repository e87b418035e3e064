using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Lokr;

/// <summary>
/// Δ = kron(w1, w2) · α ÷ r with w1 [out₁, in₁], w2 [out₂, in₂], out = out₁·out₂, in = in₁·in₂ (Yeh et al., arXiv 2309.14859); either may be a
/// product of rank r. Unusual: Δ x is made without Δ. With x as [in₁, in₂] and y as [out₁, out₂] it is y = w1 · x · w2ᵀ.
/// </summary>
/// <param name="Layer">The layer.</param>
/// <param name="Rank">r</param>
/// <param name="Scale">α ÷ r</param>
/// <param name="Out">out₁ and out₂.</param>
/// <param name="In">in₁ and in₂.</param>
/// <param name="DecomposeBoth">Whether w1 may be a product too.</param>
internal sealed record LokrLayer(LinearShape Layer, int Rank, double Scale, Factors Out, Factors In, bool DecomposeBoth) : ChangedLayer(Layer)
{
    public const string KeyPart = ".lokr_";

    public override IReadOnlyList<ChangeTensor> Tensors =>
    [
        .. DecomposeBoth && Rank < Math.Max(Out.Small, In.Small) / 2.0
            ? [new("lokr_w1_a", [Out.Small, Rank], Beginnings.Zero), new("lokr_w1_b", [Rank, In.Small], Beginnings.Uniform(In.Small))]
            : (ChangeTensor[])[new("lokr_w1", [Out.Small, In.Small], Beginnings.Zero)],
        .. Rank < Math.Max(Out.Large, In.Large) / 2.0
            ? [new("lokr_w2_a", [Out.Large, Rank], Beginnings.Uniform(Rank)), new("lokr_w2_b", [Rank, In.Large], Beginnings.Uniform(In.Large))]
            : (ChangeTensor[])[new("lokr_w2", [Out.Large, In.Large], Beginnings.Uniform(In.Large))],
    ];

    public static LokrLayer Of(LinearShape layer, LokrSpec spec)
    {
        var rank = TargetModules.Of(spec.RankPattern, layer.Path, spec.R);
        var scale = TargetModules.Of(spec.AlphaPattern, layer.Path, spec.Alpha) / rank;
        return new LokrLayer(layer, rank, scale, Factors.Of(layer.Out, spec.DecomposeFactor), Factors.Of(layer.In, spec.DecomposeFactor), spec.DecomposeBoth);
    }

    public override long KeptOfToken => 2 * In.Small * Out.Large;

    public override long KeptOfLayer => Out.Large * In.Large + Out.Small * In.Small;

    public override Tensor Change(Func<string, Tensor> own, Func<string, Tensor> frozen) => kron(Matrix("lokr_w1", own), Matrix("lokr_w2", own)).Times(Scale);

    public override Tensor Apply(Tensor x, Func<string, Tensor> own, Func<string, Tensor> frozen)
    {
        var right = nn.functional.linear(x.reshape(-1, In.Small, In.Large), Matrix("lokr_w2", own));
        return Matrix("lokr_w1", own).matmul(right).Times(Scale).view([.. x.shape[..^1], Layer.Out]);
    }

    private Tensor Matrix(string part, Func<string, Tensor> own) =>
        Tensors.Any(tensor => tensor.Part == part) ? own(part) : own($"{part}_a").mm(own($"{part}_b"));
}

/// <summary>A size as a product of two, the small one first.</summary>
internal readonly record struct Factors(long Small, long Large)
{
    /// <summary>
    /// LyCORIS's rule, step by step, since it decides shapes: a factor that divides the size is taken itself; else the pair that is nearest to a
    /// square, the smaller one at most <paramref name="factor"/> (−1: any).
    /// </summary>
    public static Factors Of(long size, int factor)
    {
        if (factor > 0 && size % factor == 0)
            return new Factors(factor, size / factor);
        var most = factor == -1 ? size : factor;
        var (small, large) = (1L, size);
        while (small < large)
        {
            var next = small + 1;
            while (size % next != 0)
                next++;
            if (next + size / next > size + 1 || next > most)
                break;
            (small, large) = (next, size / next);
        }
        return small > large ? new Factors(large, small) : new Factors(small, large);
    }
}
