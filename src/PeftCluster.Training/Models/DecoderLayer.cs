using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// One decoder layer: x + attention(norm x), then x + mlp(norm x); where the family norms a block's output too, that is what is
/// added, and what an adapter has there changes it before. Where the residual stream is parallel: x + attention(norm x) + mlp(norm' x).
/// Shapes: B rows, T tokens, D hidden size.
/// </summary>
internal sealed class DecoderLayer
{
    private readonly INorm _attentionNorm, _mlpNorm;
    private readonly INorm? _attentionOutputNorm, _mlpOutputNorm;
    private readonly SelfAttention _attention;
    private readonly Mlp _mlp;
    private readonly bool _parallel;
    private readonly IBlock? _attentionBlock, _mlpBlock;

    public DecoderLayer(DecoderConfig config, int index, WeightLookup weights, Func<string, ILinear> linear, BlockWrapper block)
    {
        INorm Norm(string name) => Norms.Of(config, weights, config.Inside(index, name));
        var names = config.Names;
        (_attentionNorm, _mlpNorm) = (Norm(names.AttentionNorm), Norm(names.MlpNorm));
        _attentionOutputNorm = names.AttentionOutputNorm is { } attention ? Norm(attention) : null;
        _mlpOutputNorm = names.MlpOutputNorm is { } mlp ? Norm(mlp) : null;
        _attention = new SelfAttention(config, index, weights, linear);
        _mlp = new Mlp(config, index, linear);
        _parallel = config.ParallelResidual;
        (_attentionBlock, _mlpBlock) = (block(index, SubLayer.Attention), block(index, SubLayer.FeedForward));
    }

    /// <summary>[B, T, D] → [B, T, D]</summary>
    public Tensor Forward(Tensor x_BTD, Surroundings surroundings)
    {
        using var scope = NewDisposeScope();
        var attention = _attention.Forward(_attentionNorm.Forward(x_BTD), surroundings);
        var attended_BTD = Join(x_BTD, attention, _attentionOutputNorm, _attentionBlock);
        var mlp = _mlp.Forward(_mlpNorm.Forward(_parallel ? x_BTD : attended_BTD));
        return Join(attended_BTD, mlp, _mlpOutputNorm, _mlpBlock).MoveToOuterDisposeScope();
    }

    private static Tensor Join(Tensor residual, Tensor output, INorm? norm, IBlock? block)
    {
        output = norm?.Forward(output) ?? output;
        return residual.Plus(block?.Forward(output, residual, null) ?? output);
    }
}
