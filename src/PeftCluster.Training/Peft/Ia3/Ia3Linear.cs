using PeftCluster.Steps.Plan;
using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Ia3;

/// <summary>
/// y = (W x + b) ∘ l with l [out, 1], or y = W (x ∘ l) + b with l [1, in], around a layer W of somebody else; l is a view of the trained
/// vector. What is kept for the backward pass is what l multiplies, once; of an input that is a product its factors, which are kept anyway.
/// </summary>
internal sealed class Ia3Linear(ILinear plain, Tensor scale, bool onInput) : IProductLinear
{
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var along = scale.view(-1);
        return (onInput ? plain.Forward((x * along).to(x.dtype)) : (plain.Forward(x) * along).to(x.dtype)).MoveToOuterDisposeScope();
    }

    public Tensor Forward(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        if (!onInput || !is_grad_enabled() || left.dtype != ScalarType.Float32)
            return Forward(left * right).MoveToOuterDisposeScope();
        var (factor_TF, other_TF) = (left.reshape(-1, left.shape[^1]), right.reshape(-1, left.shape[^1]));
        // Padded rows divide; a row that grows token by token is one part.
        var parts = factor_TF.shape[0] % PaddedLength.Multiple == 0 ? PaddedLength.Multiple : 1;
        return plain.Forward(NativeOperations.Product(factor_TF, other_TF, scale.view(-1), parts).view(left.shape)).MoveToOuterDisposeScope();
    }
}
