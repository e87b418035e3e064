using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models.T5;

/// <summary>
/// softmax(q kᵀ + bias) v, without the usual scale: T5's weights have it in them. The same layer sees its own stack's states or an encoder's.
/// B rows, T queries, S keys, D hidden size, H heads, N head size.
/// </summary>
internal sealed class T5Attention
{
    private readonly int _headSize;
    private readonly ILinear _query, _key, _value, _output;

    public T5Attention(T5Config config, string path, Func<string, ILinear> linear)
    {
        _headSize = config.HeadSize;
        (_query, _key) = (linear($"{path}.q"), linear($"{path}.k"));
        (_value, _output) = (linear($"{path}.v"), linear($"{path}.o"));
    }

    /// <summary>Keys and values of states: [B, S, D] → [B, H, S, N] twice.</summary>
    public KeysAndValues KeysOf(Tensor x_BSD) => new(Split(_key.Forward(x_BSD)), Split(_value.Forward(x_BSD)));

    /// <summary>[B, T, D] → [B, T, D]</summary>
    /// <param name="x_BTD">What asks.</param>
    /// <param name="seen">What is asked.</param>
    /// <param name="bias">Added to the scores, broadcast to [B, H, T, S]; −∞ where nothing is seen. Null: nothing is added.</param>
    public Tensor Forward(Tensor x_BTD, KeysAndValues seen, Tensor? bias)
    {
        var mixed_BHTN = NativeOperations.UnscaledAttention(Split(_query.Forward(x_BTD)), seen.Key_BHSN, seen.Value_BHSN, bias);
        return _output.Forward(mixed_BHTN.transpose(1, 2).reshape(x_BTD.shape[0], x_BTD.shape[1], -1));
    }

    private Tensor Split(Tensor x_BTF) => x_BTF.view(x_BTF.shape[0], x_BTF.shape[1], -1, _headSize).transpose(1, 2);
}

/// <summary>What queries see.</summary>
internal readonly record struct KeysAndValues(Tensor Key_BHSN, Tensor Value_BHSN);
