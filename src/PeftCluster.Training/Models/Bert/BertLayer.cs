using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models.Bert;

/// <summary>
/// A layer that norms after each sum: norm(x + attention x), then norm(x + feed-forward x). Every token sees every token of its row.
/// B rows, T tokens, D hidden size, H heads, N head size, P places before the rows, K = P + T keys.
/// </summary>
internal sealed class BertLayer
{
    private readonly BertConfig _config;
    private readonly ILinear _query, _key, _value, _attentionOutput, _intermediate, _output;
    private readonly LayerNorm _attentionNorm, _outputNorm;
    private readonly IBlock? _attentionBlock, _outputBlock;

    public BertLayer(BertConfig config, int index, WeightLookup weights, Func<string, ILinear> linear, BlockWrapper block)
    {
        ILinear Linear(string module) => linear(config.InLayer(index, module));
        LayerNorm Norm(string module) => new(weights($"{config.InLayer(index, module)}.weight"), weights($"{config.InLayer(index, module)}.bias"), config.NormEpsilon);
        _config = config;
        (_query, _key, _value) = (Linear("attention.self.query"), Linear("attention.self.key"), Linear("attention.self.value"));
        (_attentionOutput, _intermediate, _output) = (Linear("attention.output.dense"), Linear("intermediate.dense"), Linear("output.dense"));
        (_attentionNorm, _outputNorm) = (Norm(BertConfig.AttentionNorm), Norm(BertConfig.OutputNorm));
        (_attentionBlock, _outputBlock) = (block(index, SubLayer.Attention), block(index, SubLayer.FeedForward));
    }

    /// <summary>[B, T, D] → [B, T, D]</summary>
    /// <param name="x_BTD">States.</param>
    /// <param name="seen_B11K">True where a row has a token or a learnt place; null: everywhere.</param>
    /// <param name="prefix">Keys and values [H, P, N] before each row's own; null: none.</param>
    public Tensor Forward(Tensor x_BTD, Tensor? seen_B11K, (Tensor Key_HPN, Tensor Value_HPN)? prefix)
    {
        using var scope = NewDisposeScope();
        var (key_BHKN, value_BHKN) = (Split(_key.Forward(x_BTD)), Split(_value.Forward(x_BTD)));
        if (prefix is { } learnt)
            (key_BHKN, value_BHKN) = (Behind(learnt.Key_HPN, key_BHKN), Behind(learnt.Value_HPN, value_BHKN));
        var mixed_BHTN = nn.functional.scaled_dot_product_attention(Split(_query.Forward(x_BTD)), key_BHKN, value_BHKN, seen_B11K);
        var attention_BTD = _attentionOutput.Forward(mixed_BHTN.transpose(1, 2).reshape(x_BTD.shape));
        var attended_BTD = Join(x_BTD, attention_BTD, _attentionNorm, _attentionBlock);
        var output_BTD = _output.Forward(_config.Activation.Of(_intermediate.Forward(attended_BTD)));
        return Join(attended_BTD, output_BTD, _outputNorm, _outputBlock).MoveToOuterDisposeScope();
    }

    private static Tensor Join(Tensor residual, Tensor output, LayerNorm norm, IBlock? block) =>
        norm.Forward(residual.Plus(block?.Forward(output, residual, norm.Forward) ?? output));

    private static Tensor Behind(Tensor learnt_HPN, Tensor own_BHTN) => cat([learnt_HPN.expand(own_BHTN.shape[0], -1, -1, -1), own_BHTN], 2);

    private Tensor Split(Tensor x_BTD) => x_BTD.view(x_BTD.shape[0], x_BTD.shape[1], _config.Heads, -1).transpose(1, 2);
}
