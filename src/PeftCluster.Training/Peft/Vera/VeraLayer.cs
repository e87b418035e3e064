using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Vera;

/// <summary>
/// Δ = diag(λ_b) · B · diag(λ_d) · A (Kopiczko et al., arXiv 2310.11454) with λ_b [out], λ_d [r]; A and B are the first columns and rows of
/// matrices that all layers share. λ_b begins as zero, and so does Δ.
/// </summary>
internal sealed record VeraLayer(LinearShape Layer, int Rank, double Initial) : ChangedLayer(Layer)
{
    public const string KeyPart = ".vera_lambda_";
    public const string A = "base_model.vera_A", B = "base_model.vera_B";
    private const string OnOutput = "vera_lambda_b", OnRank = "vera_lambda_d";

    public override IReadOnlyList<ChangeTensor> Tensors =>
        [new(OnOutput, [Layer.Out], Beginnings.Zero), new(OnRank, [Rank], Beginnings.Constant(Initial))];

    public override long KeptOfToken => 2 * Rank + Layer.Out;

    public override long KeptOfLayer => 0;

    public override Tensor Change(Func<string, Tensor> own, Func<string, Tensor> frozen) =>
        (own(OnOutput).unsqueeze(1) * OwnB(frozen)).mm(own(OnRank).unsqueeze(1) * OwnA(frozen));

    public override Tensor Apply(Tensor x, Func<string, Tensor> own, Func<string, Tensor> frozen) =>
        own(OnOutput) * nn.functional.linear(own(OnRank) * nn.functional.linear(x, OwnA(frozen)), OwnB(frozen));

    private Tensor OwnA(Func<string, Tensor> frozen) => frozen(A).narrow(1, 0, Layer.In);

    private Tensor OwnB(Func<string, Tensor> frozen) => frozen(B).narrow(0, 0, Layer.Out);
}
