using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// One decoder layer: x + attention(norm x), then x + mlp(norm x); where the family norms a block's output too, that is what is
/// added. Shapes: B rows, T tokens, D hidden size.
/// </summary>
internal sealed class DecoderLayer
{
    private readonly RmsNorm _attentionNorm, _mlpNorm;
    private readonly RmsNorm? _attentionOutputNorm, _mlpOutputNorm;
    private readonly SelfAttention _attention;
    private readonly GatedMlp _mlp;

    public DecoderLayer(DecoderConfig config, int index, WeightLookup weights, Func<string, ILinear> linear)
    {
        RmsNorm Norm(string name) => new(weights($"{config.Inside(index, name)}.weight"), config.NormEpsilon, config.NormOffset);
        var names = config.Names;
        (_attentionNorm, _mlpNorm) = (Norm(names.AttentionNorm), Norm(names.MlpNorm));
        _attentionOutputNorm = names.AttentionOutputNorm is { } attention ? Norm(attention) : null;
        _mlpOutputNorm = names.MlpOutputNorm is { } mlp ? Norm(mlp) : null;
        _attention = new SelfAttention(config, index, weights, linear);
        _mlp = new GatedMlp(config, index, linear);
    }

    /// <summary>[B, T, D] → [B, T, D]</summary>
    public Tensor Forward(Tensor x_BTD, Rotary rotary, Sight sight, KeyValueCache? cache, CacheStep? step)
    {
        using var scope = NewDisposeScope();
        var attention = _attention.Forward(_attentionNorm.Forward(x_BTD), rotary, sight, cache, step);
        var attended_BTD = x_BTD + (_attentionOutputNorm?.Forward(attention) ?? attention);
        var mlp = _mlp.Forward(_mlpNorm.Forward(attended_BTD));
        return (attended_BTD + (_mlpOutputNorm?.Forward(mlp) ?? mlp)).MoveToOuterDisposeScope();
    }
}
