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
        return (onInput ? plain.Forward(x * along) : plain.Forward(x) * along).MoveToOuterDisposeScope();
    }

    public Tensor Forward(Tensor left, Tensor right)
    {
        using var scope = NewDisposeScope();
        var width = left.shape[^1];
        // Rows of training are padded; a prompt that is only answered need not be.
        if (!onInput || !is_grad_enabled() || left.dtype != ScalarType.Float32 || left.numel() / width % PaddedRows.Multiple != 0)
            return Forward(left * right).MoveToOuterDisposeScope();
        return plain.Forward(NativeOperations.Product(left.reshape(-1, width), right.reshape(-1, width), scale.view(-1), PaddedRows.Multiple).view(left.shape)).MoveToOuterDisposeScope();
    }
}
