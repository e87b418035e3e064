using PeftCluster.Training.Models;
using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Peft.Bottleneck;

/// <summary>
/// h + dropout(s·(U·act(D·z + b) + c)) in the place of a part's output h, where z is h, the residual stream r, or norm(h + r). D [W, D], U [D, W] and the
/// biases are views of the trained vector.
/// </summary>
internal sealed class BottleneckBlock(BottleneckShape shape, BottleneckKeys keys, TrainedVector vector, AdapterDropout dropout, int site) : IBlock
{
    private readonly Tensor _down = vector[keys.DownWeight], _downBias = vector[keys.DownBias], _up = vector[keys.UpWeight], _upBias = vector[keys.UpBias];

    public Tensor Forward(Tensor output_BTD, Tensor residual_BTD, Func<Tensor, Tensor>? norm)
    {
        using var scope = NewDisposeScope();
        var z_BTD = shape.IsParallel ? residual_BTD : output_BTD;
        if (shape is { IsParallel: false, OriginalLnBefore: true })
        {
            var sum_BTD = output_BTD.Plus(residual_BTD);
            z_BTD = norm?.Invoke(sum_BTD) ?? sum_BTD;
        }
        var low_BTW = shape.Activate(nn.functional.linear(z_BTD, _down, _downBias));
        var change_BTD = nn.functional.linear(low_BTW, _up, _upBias).Times(shape.Scaling);
        return output_BTD.Plus(dropout.Apply(change_BTD, site)).MoveToOuterDisposeScope();
    }
}

/// <summary>AdapterHub's names of a network's four tensors.</summary>
/// <param name="Path">The network's module: that of the layers' part, then adapters, then the adapter's name.</param>
internal sealed record BottleneckKeys(string Path)
{
    public string DownWeight => $"{Path}.adapter_down.0.weight";

    public string DownBias => $"{Path}.adapter_down.0.bias";

    public string UpWeight => $"{Path}.adapter_up.weight";

    public string UpBias => $"{Path}.adapter_up.bias";
}
