using PeftCluster.Training.Models;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Ia3;

/// <summary>
/// y = (W x + b) ∘ l with l [out, 1], or y = W (x ∘ l) + b with l [1, in], around a layer W of somebody else; l is a view of the trained
/// vector. What is kept for the backward pass is what l multiplies, once.
/// </summary>
internal sealed class Ia3Linear(ILinear plain, Tensor scale, bool onInput) : ILinear
{
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var along = scale.view(-1);
        return (onInput ? plain.Forward(x * along) : plain.Forward(x) * along).MoveToOuterDisposeScope();
    }
}
