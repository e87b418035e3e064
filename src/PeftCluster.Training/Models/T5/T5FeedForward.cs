using static TorchSharp.torch;

namespace PeftCluster.Training.Models.T5;

/// <summary>wo(act(wi x)), or where it is gated wo(act(wi_0 x) · wi_1 x).</summary>
internal sealed class T5FeedForward
{
    private readonly Activation _activation;
    private readonly ILinear[] _inputs;
    private readonly ILinear _output;

    public T5FeedForward(T5Config config, string path, Func<string, ILinear> linear)
    {
        _activation = config.Activation;
        _inputs = [.. config.FeedForwardInputs.Select(name => linear($"{path}.{name}"))];
        _output = linear($"{path}.wo");
    }

    /// <summary>[B, T, D] → [B, T, D]</summary>
    public Tensor Forward(Tensor x_BTD)
    {
        var inner = _activation.Of(_inputs[0].Forward(x_BTD));
        return _inputs.Length > 1 ? _output.OfProduct(inner, _inputs[1].Forward(x_BTD)) : _output.Forward(inner);
    }
}
