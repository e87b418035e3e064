namespace PeftCluster.Training.Models;

/// <summary>
/// What a family calls its modules: paths in the weight files and in adapter files. The layers' modules are named inside their layer.
/// A name that is null is a module that the family does not have. The defaults are llama's.
/// </summary>
public sealed record DecoderNames
{
    public string Embedding { get; init; } = "model.embed_tokens";

    /// <summary>The learnt vectors of places.</summary>
    public string? Places { get; init; }

    /// <summary>The layers are this + "." + their number.</summary>
    public string Layers { get; init; } = "model.layers";

    /// <summary>The norm after the last layer.</summary>
    public string LastNorm { get; init; } = "model.norm";

    public string Head { get; init; } = "lm_head";

    /// <summary>The norm of what enters attention.</summary>
    public string AttentionNorm { get; init; } = "input_layernorm";

    /// <summary>The norm of what attention gives, before it is added to the residual stream.</summary>
    public string? AttentionOutputNorm { get; init; }

    /// <summary>The norm of what enters the MLP.</summary>
    public string MlpNorm { get; init; } = "post_attention_layernorm";

    /// <summary>The norm of what the MLP gives, before it is added to the residual stream.</summary>
    public string? MlpOutputNorm { get; init; }

    /// <summary>Query, key and value as one layer, one after the other; then the three below are not used.</summary>
    public string? QueryKeyValue { get; init; }

    public string Query { get; init; } = "self_attn.q_proj";

    public string Key { get; init; } = "self_attn.k_proj";

    public string Value { get; init; } = "self_attn.v_proj";

    public string AttentionOutput { get; init; } = "self_attn.o_proj";

    /// <summary>Norms of each head's query and key.</summary>
    public string? QueryNorm { get; init; }

    public string? KeyNorm { get; init; }

    /// <summary>Gate and up as one layer, one after the other; then the two below are not used.</summary>
    public string? GateUp { get; init; }

    /// <summary>Without one the MLP is plain.</summary>
    public string? Gate { get; init; } = "mlp.gate_proj";

    public string Up { get; init; } = "mlp.up_proj";

    public string Down { get; init; } = "mlp.down_proj";
}
