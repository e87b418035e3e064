using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace ExamplePlugin;

/// <summary>y = γ∘(Wx + b) + β around a layer of somebody else; γ and β [out] are views of the trained vector.</summary>
internal sealed class SsfLinear(ILinear plain, Tensor scale, Tensor shift) : ILinear
{
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (plain.Forward(x) * scale).Plus_(shift).MoveToOuterDisposeScope();
    }
}
