using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Loha;

/// <summary>
/// Δ = (w1_a · w1_b) ∘ (w2_a · w2_b) · α ÷ r with w1_a, w2_a [out, r] and w1_b, w2_b [r, in] (Hyeon-Woo et al., arXiv 2108.06098). w2_a
/// begins as zero, and so does Δ; the others from normal distributions, w1_a's a tenth as wide.
/// </summary>
internal sealed record LohaLayer(LinearShape Layer, int Rank, double Scale) : ChangedLayer(Layer)
{
    public const string KeyPart = ".hada_";

    public override IReadOnlyList<ChangeTensor> Tensors =>
    [
        new("hada_w1_a", [Layer.Out, Rank], Beginnings.Normal(0.1)),
        new("hada_w1_b", [Rank, Layer.In], Beginnings.Normal(1)),
        new("hada_w2_a", [Layer.Out, Rank], Beginnings.Zero),
        new("hada_w2_b", [Rank, Layer.In], Beginnings.Normal(1)),
    ];

    public static LohaLayer Of(LinearShape layer, LohaSpec spec)
    {
        var rank = TargetModules.Of(spec.RankPattern, layer.Path, spec.R);
        return new LohaLayer(layer, rank, TargetModules.Of(spec.AlphaPattern, layer.Path, spec.Alpha) / rank);
    }

    public override Tensor Change(Func<string, Tensor> own, Func<string, Tensor> frozen) =>
        (own("hada_w1_a").mm(own("hada_w1_b")) * own("hada_w2_a").mm(own("hada_w2_b"))).Times(Scale);
}
