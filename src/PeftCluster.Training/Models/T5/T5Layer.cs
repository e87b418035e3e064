using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models.T5;

/// <summary>
/// A layer of either stack: x + self-attention(norm x), in the decoder then x + attention to the encoder's states(norm x), then
/// x + feed-forward(norm x). Shapes: B rows, T tokens, D hidden size.
/// </summary>
internal sealed class T5Layer
{
    private readonly RmsNorm _selfNorm, _forwardNorm;
    private readonly RmsNorm? _crossNorm;
    private readonly T5Attention _self;
    private readonly T5FeedForward _forward;
    private readonly IBlock? _selfBlock, _forwardBlock;

    public T5Layer(T5Config config, string stack, int index, WeightLookup weights, Func<string, ILinear> linear, BlockWrapper block)
    {
        RmsNorm Norm(int part) => new(weights($"{T5Config.Part(stack, index, part)}.layer_norm.weight"), config.NormEpsilon);
        string Path(int part, string module) => $"{T5Config.Part(stack, index, part)}.{module}";
        var decodes = stack == T5Config.Decoder;
        (_selfNorm, _self) = (Norm(0), new T5Attention(config, Path(0, T5Config.SelfAttention), linear));
        if (decodes)
            (_crossNorm, Cross) = (Norm(1), new T5Attention(config, Path(1, T5Config.CrossAttention), linear));
        var last = decodes ? 2 : 1;
        var number = decodes ? config.Layers + index : index;
        (_selfBlock, _forwardBlock) = (block(number, SubLayer.Attention), block(number, SubLayer.FeedForward));
        (_forwardNorm, _forward) = (Norm(last), new T5FeedForward(config, Path(last, T5Config.FeedForward), linear));
    }

    /// <summary>The attention to the encoder's states; the encoder's own layers have none.</summary>
    public T5Attention? Cross { get; }

    /// <summary>[B, T, D] → [B, T, D]</summary>
    /// <param name="x_BTD">The residual stream.</param>
    /// <param name="bias">Of the self-attention.</param>
    /// <param name="remember">Sees this layer's new keys and values, and gives those that the queries see.</param>
    /// <param name="source">The encoder's, in the decoder.</param>
    /// <param name="hiding">Hides the source's padding; null: there is none.</param>
    public Tensor Forward(Tensor x_BTD, Tensor bias, Func<KeysAndValues, KeysAndValues>? remember, KeysAndValues? source, Tensor? hiding)
    {
        using var scope = NewDisposeScope();
        var self_BTD = _selfNorm.Forward(x_BTD);
        var own = _self.KeysOf(self_BTD);
        x_BTD = Join(x_BTD, _self.Forward(self_BTD, remember?.Invoke(own) ?? own, bias), _selfBlock);
        if (source is { } states)
            x_BTD = x_BTD.Plus(Cross!.Forward(_crossNorm!.Forward(x_BTD), states, hiding));
        return Join(x_BTD, _forward.Forward(_forwardNorm.Forward(x_BTD)), _forwardBlock).MoveToOuterDisposeScope();
    }

    private static Tensor Join(Tensor residual, Tensor output, IBlock? block) => residual.Plus(block?.Forward(output, residual, null) ?? output);
}
