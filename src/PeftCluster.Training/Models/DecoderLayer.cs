using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// One decoder layer: x + attention(norm x), then x + mlp(norm x); where the family norms a block's output too, that is what is
/// added, and what an adapter has there changes it before. Shapes: B rows, T tokens, D hidden size.
/// </summary>
internal sealed class DecoderLayer
{
    private readonly RmsNorm _attentionNorm, _mlpNorm;
    private readonly RmsNorm? _attentionOutputNorm, _mlpOutputNorm;
    private readonly SelfAttention _attention;
    private readonly GatedMlp _mlp;
    private readonly IBlock? _attentionBlock, _mlpBlock;

    public DecoderLayer(DecoderConfig config, int index, WeightLookup weights, Func<string, ILinear> linear, BlockWrapper? block)
    {
        RmsNorm Norm(string name) => new(weights($"{config.Inside(index, name)}.weight"), config.NormEpsilon, config.NormOffset);
        var names = config.Names;
        (_attentionNorm, _mlpNorm) = (Norm(names.AttentionNorm), Norm(names.MlpNorm));
        _attentionOutputNorm = names.AttentionOutputNorm is { } attention ? Norm(attention) : null;
        _mlpOutputNorm = names.MlpOutputNorm is { } mlp ? Norm(mlp) : null;
        _attention = new SelfAttention(config, index, weights, linear);
        _mlp = new GatedMlp(config, index, linear);
        (_attentionBlock, _mlpBlock) = (block?.Invoke(index, SubLayer.Attention), block?.Invoke(index, SubLayer.FeedForward));
    }

    /// <summary>[B, T, D] → [B, T, D]</summary>
    public Tensor Forward(Tensor x_BTD, Surroundings surroundings)
    {
        using var scope = NewDisposeScope();
        var attention = _attention.Forward(_attentionNorm.Forward(x_BTD), surroundings);
        var attended_BTD = Join(x_BTD, attention, _attentionOutputNorm, _attentionBlock);
        var mlp = _mlp.Forward(_mlpNorm.Forward(attended_BTD));
        return Join(attended_BTD, mlp, _mlpOutputNorm, _mlpBlock).MoveToOuterDisposeScope();
    }

    private static Tensor Join(Tensor residual, Tensor output, RmsNorm? norm, IBlock? block)
    {
        output = norm?.Forward(output) ?? output;
        return residual + (block?.Forward(output, residual, null) ?? output);
    }
}
