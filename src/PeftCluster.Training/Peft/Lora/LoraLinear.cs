using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Lora;

/// <summary>
/// y = W x + s · (B (A · dropout(x)) + b) around a layer W of somebody else; A [r, in], B [out, r] and the bias b [out], where there is one, are views of the trained vector.
/// </summary>
internal sealed class LoraLinear(ILinear plain, Tensor a, Tensor b, Tensor? bias, double scale, AdapterDropout dropout, int site) : ILinear
{
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var low = nn.functional.linear(dropout.Apply(x, site), a);
        var change = nn.functional.linear(low, b, bias);
        // In place on the base's output, which its own backward pass does not read.
        return plain.Forward(x).Plus_(change, times: scale).MoveToOuterDisposeScope();
    }
}
