using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// The attention of one layer: queries, keys and values out of one layer or of three, norms of heads where the family has them,
/// rotary places, and the kernel that the layer's window and caps allow. B rows, T tokens, D hidden size, H query heads, K key
/// heads, N head size.
/// </summary>
internal sealed class SelfAttention
{
    private readonly DecoderConfig _config;
    private readonly int _index;
    private readonly int? _window;
    private readonly bool _explicit;
    private readonly ILinear[] _inputs;
    private readonly ILinear _output;
    private readonly INorm? _queryNorm, _keyNorm;

    public SelfAttention(DecoderConfig config, int index, WeightLookup weights, Func<string, ILinear> linear)
    {
        (_config, _index, _window) = (config, index, config.WindowOf(index));
        _explicit = config.AttentionCap is not null || config.AttentionScale != 1 / Math.Sqrt(config.HeadSize);
        var names = config.Names;
        string[] inputs = names.QueryKeyValue is { } fused ? [fused] : [names.Query, names.Key, names.Value];
        _inputs = [.. inputs.Select(name => linear(config.Inside(index, name)))];
        _output = linear(config.Inside(index, names.AttentionOutput));
        INorm? Norm(string? name) => name is null ? null : Norms.Of(config, weights, config.Inside(index, name));
        (_queryNorm, _keyNorm) = (Norm(names.QueryNorm), Norm(names.KeyNorm));
    }

    /// <summary>[B, T, D] → [B, T, D]</summary>
    public Tensor Forward(Tensor x_BTD, Surroundings surroundings)
    {
        var (rotary, sight, cache, step, prefix) = surroundings;
        var (query_BTHN, key_BTKN, value_BTKN) = Inputs(x_BTD);
        var query_BHTN = Turned(_queryNorm?.Forward(query_BTHN) ?? query_BTHN, rotary).transpose(1, 2);
        var ownKey_BTKN = Turned(_keyNorm?.Forward(key_BTKN) ?? key_BTKN, rotary);
        if (sight.Packed is { } sequences)
            return Output(x_BTD, PackedAttention.Mix(sequences, query_BHTN, (one, query_1HTN) => Mix(query_1HTN, Learnt(0, one.Of(ownKey_BTKN)), Learnt(1, one.Of(value_BTKN)), one.Sight)));
        var (key_BKSN, value_BKSN) = (Learnt(0, ownKey_BTKN), Learnt(1, value_BTKN));
        cache?.Write(_index, key_BKSN, value_BKSN, step);
        if (step is not null)
            (key_BKSN, value_BKSN) = (cache!.Keys(_index), cache.Values(_index));
        return Output(x_BTD, Mix(query_BHTN, key_BKSN, value_BKSN, sight));

        Tensor Learnt(int part, Tensor own_BTKN) => Behind(prefix?[2 * _index + part], own_BTKN);
    }

    private Tensor Output(Tensor x_BTD, Tensor mixed_BHTN) =>
        _output.Forward(mixed_BHTN.transpose(1, 2).reshape(x_BTD.shape[0], x_BTD.shape[1], _config.Heads * _config.HeadSize));

    private (Tensor Query, Tensor Key, Tensor Value) Inputs(Tensor x_BTD)
    {
        var (query, key) = ((long)_config.Heads * _config.HeadSize, (long)_config.KeyHeads * _config.HeadSize);
        if (_inputs.Length > 1)
            return (Split(_inputs[0].Forward(x_BTD)), Split(_inputs[1].Forward(x_BTD)), Split(_inputs[2].Forward(x_BTD)));
        var all = _inputs[0].Forward(x_BTD);
        if (_config.InterleavedHeads)
            return HeadByHead(all.view(all.shape[0], all.shape[1], _config.Heads, -1));
        return (Split(all.narrow(2, 0, query)), Split(all.narrow(2, query, key)), Split(all.narrow(2, query + key, key)));
    }

    // Each head's query, key and value stand together: [B, T, H, 3 · N].
    private (Tensor Query, Tensor Key, Tensor Value) HeadByHead(Tensor all)
    {
        var size = _config.HeadSize;
        return (all.narrow(3, 0, size), all.narrow(3, size, size), all.narrow(3, 2 * size, size));
    }

    private static Tensor Turned(Tensor x_BTHN, Rotary? rotary) => rotary?.Turn(x_BTHN) ?? x_BTHN;

    private Tensor Mix(Tensor query_BHTN, Tensor key_BKSN, Tensor value_BKSN, Sight sight)
    {
        if (_explicit)
            return Attention.Capped(query_BHTN, key_BKSN, value_BKSN, sight.Mask(_window), _config.AttentionScale, _config.AttentionCap);
        return sight.IsPlainlyCausal(_window)
            ? Attention.Causal(query_BHTN, key_BKSN, value_BKSN)
            : Attention.Masked(query_BHTN, key_BKSN, value_BKSN, sight.Mask(_window));
    }

    // Every row has the same learnt keys, or values, before its own: [B, T, K, N] → [B, K, P + T, N].
    private static Tensor Behind(Tensor? learnt_KPN, Tensor own_BTKN)
    {
        var own_BKTN = own_BTKN.transpose(1, 2);
        return learnt_KPN is null ? own_BKTN : cat([learnt_KPN.expand(own_BKTN.shape[0], -1, -1, -1), own_BKTN], 2);
    }

    // Heads one after the other: [B, T, heads · N] → [B, T, heads, N].
    private Tensor Split(Tensor x_BTF) => x_BTF.view(x_BTF.shape[0], x_BTF.shape[1], -1, _config.HeadSize);
}
