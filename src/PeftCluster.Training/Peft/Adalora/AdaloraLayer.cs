using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Adalora;

/// <summary>
/// Δ = B · diag(E) · A · α ÷ (init_r + 10⁻⁵) with A [r, in], B [out, r] and E [r, 1] (Zhang et al., arXiv 2303.10512). E begins as zero, and so does Δ; A and B from normal distributions of 0.02. The scale
/// stays that of init_r when ranks are pruned. A layer may have rank 0.
/// </summary>
internal sealed record AdaloraLayer(LinearShape Layer, int Rank, double Scale) : ChangedLayer(Layer)
{
    public const string KeyPart = ".lora_";
    public const string A = "lora_A", B = "lora_B", E = "lora_E";

    public override IReadOnlyList<ChangeTensor> Tensors =>
    [
        new(A, [Rank, Layer.In], Beginnings.Normal(0.02)),
        new(B, [Layer.Out, Rank], Beginnings.Normal(0.02)),
        new(E, [Rank, 1], Beginnings.Zero),
    ];

    public override Tensor Change(Func<string, Tensor> own, Func<string, Tensor> frozen) => own(B).mm(own(A) * own(E)).Times(Scale);

    public override Tensor Apply(Tensor x, Func<string, Tensor> own, Func<string, Tensor> frozen) =>
        nn.functional.linear(nn.functional.linear(x, own(A) * own(E)), own(B)).Times(Scale);
}
