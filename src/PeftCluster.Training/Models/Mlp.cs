using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// down(act(gate x) · up x), with gate and up as two layers or as one whose output holds the gate first (Shazeer, arXiv 2002.05202); for a
/// family without a gate down(act(up x)).
/// </summary>
internal sealed class Mlp
{
    private readonly Activation _activation;
    private readonly ILinear? _gateUp, _gate, _up;
    private readonly ILinear _down;

    public Mlp(DecoderConfig config, int index, Func<string, ILinear> linear)
    {
        _activation = config.Activation;
        var names = config.Names;
        ILinear Layer(string name) => linear(config.Inside(index, name));
        if (names.GateUp is { } fused)
            _gateUp = Layer(fused);
        else
            (_gate, _up) = (names.Gate is { } gate ? Layer(gate) : null, Layer(names.Up));
        _down = Layer(names.Down);
    }

    /// <summary>[B, T, D] → [B, T, D]</summary>
    public Tensor Forward(Tensor x_BTD)
    {
        if (_gateUp is null)
            return _gate is null ? _down.Forward(_activation.Of(_up!.Forward(x_BTD))) : _down.OfProduct(_activation.Of(_gate.Forward(x_BTD)), _up!.Forward(x_BTD));
        var both = _gateUp.Forward(x_BTD);
        var width = both.shape[2] / 2;
        return _down.OfProduct(_activation.Of(both.narrow(2, 0, width)), both.narrow(2, width, width));
    }
}
