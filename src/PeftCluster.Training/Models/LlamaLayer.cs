using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// One decoder layer: x + attention(norm x), then x + mlp(norm x). Shapes: B rows, T tokens, D hidden size,
/// H query heads, K key heads, N head size.
/// </summary>
internal sealed class LlamaLayer
{
    private readonly int _index;
    private readonly LlamaConfig _config;
    private readonly RmsNorm _attentionNorm;
    private readonly RmsNorm _mlpNorm;
    private readonly ILinear _query, _key, _value, _output, _gate, _up, _down;

    public LlamaLayer(LlamaConfig config, int index, WeightLookup weights, Func<string, ILinear> linear)
    {
        (_config, _index) = (config, index);
        var prefix = LlamaConfig.Prefix(index);
        _attentionNorm = new RmsNorm(weights($"{prefix}.input_layernorm.weight"), config.NormEpsilon);
        _mlpNorm = new RmsNorm(weights($"{prefix}.post_attention_layernorm.weight"), config.NormEpsilon);
        _query = linear($"{prefix}.self_attn.q_proj");
        _key = linear($"{prefix}.self_attn.k_proj");
        _value = linear($"{prefix}.self_attn.v_proj");
        _output = linear($"{prefix}.self_attn.o_proj");
        _gate = linear($"{prefix}.mlp.gate_proj");
        _up = linear($"{prefix}.mlp.up_proj");
        _down = linear($"{prefix}.mlp.down_proj");
    }

    /// <summary>[B, T, D] → [B, T, D]</summary>
    public Tensor Forward(Tensor x_BTD, Rotary rotary, KeyValueCache? cache, CacheStep? step)
    {
        using var scope = NewDisposeScope();
        var attended_BTD = x_BTD + Attend(_attentionNorm.Forward(x_BTD), rotary, cache, step);
        return (attended_BTD + Mlp(_mlpNorm.Forward(attended_BTD))).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor x_BTD, Rotary rotary, KeyValueCache? cache, CacheStep? step)
    {
        var (rows, tokens) = (x_BTD.shape[0], x_BTD.shape[1]);
        var query_BHTN = Heads(rotary.Turn(Split(_query.Forward(x_BTD), _config.Heads)));
        var key_BKTN = Heads(rotary.Turn(Split(_key.Forward(x_BTD), _config.KeyHeads)));
        var value_BKTN = Heads(Split(_value.Forward(x_BTD), _config.KeyHeads));
        cache?.Write(_index, key_BKTN, value_BKTN, step);
        var mixed_BHTN = step is null
            ? Attention.Causal(query_BHTN, key_BKTN, value_BKTN)
            : Attention.Masked(query_BHTN, cache!.Keys(_index), cache.Values(_index), step.Mask_B11S);
        return _output.Forward(mixed_BHTN.transpose(1, 2).reshape(rows, tokens, _config.Heads * _config.HeadSize));
    }

    private Tensor Mlp(Tensor x_BTD) => _down.Forward(Gated.SiluTimes(_gate.Forward(x_BTD), _up.Forward(x_BTD)));

    private Tensor Split(Tensor x_BTF, int heads) => x_BTF.view(x_BTF.shape[0], x_BTF.shape[1], heads, _config.HeadSize);

    private static Tensor Heads(Tensor x_BTHN) => x_BTHN.transpose(1, 2);
}
