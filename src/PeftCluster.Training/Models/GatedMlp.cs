using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>down(act(gate x) · up x), with gate and up as two layers or as one whose output holds the gate first (Shazeer, arXiv 2002.05202).</summary>
internal sealed class GatedMlp
{
    private readonly Activation _activation;
    private readonly ILinear[] _inputs;
    private readonly ILinear _down;

    public GatedMlp(DecoderConfig config, int index, Func<string, ILinear> linear)
    {
        _activation = config.Activation;
        var names = config.Names;
        string[] inputs = names.GateUp is { } fused ? [fused] : [names.Gate, names.Up];
        _inputs = [.. inputs.Select(name => linear(config.Inside(index, name)))];
        _down = linear(config.Inside(index, names.Down));
    }

    /// <summary>[B, T, D] → [B, T, D]</summary>
    public Tensor Forward(Tensor x_BTD)
    {
        if (_inputs.Length > 1)
            return _down.Forward(_activation.Of(_inputs[0].Forward(x_BTD)) * _inputs[1].Forward(x_BTD));
        var both = _inputs[0].Forward(x_BTD);
        var width = both.shape[2] / 2;
        return _down.Forward(_activation.Of(both.narrow(2, 0, width)) * both.narrow(2, width, width));
    }
}
