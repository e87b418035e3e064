using System.Globalization;
using PeftCluster.Jobs;

namespace PeftCluster.Training.Models.Families;

/// <summary>
/// GPT-2 (Radford et al., 2019): learnt places, layer norms, biases everywhere, a plain MLP, query, key and value in one layer, tied head,
/// weights that lie as [in, out]. Names and defaults are those of transformers' GPT2Config. Unusual: its dropouts, 0.1 in every published
/// file, are not computed; an adapter has its own.
/// </summary>
internal static class Gpt2
{
    public static DecoderConfig Read(ModelConfigFile file)
    {
        DecoderKeys.RefuseQuantized(file);
        file.RefuseFlags("add_cross_attention", "scale_attn_by_inverse_layer_idx");
        var (heads, hidden) = (file.Positive("n_head", 12), file.Positive("n_embd", 768));
        if (hidden % heads != 0)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: n_embd: {hidden} is not a multiple of n_head, {heads}."));
        var config = new DecoderConfig
        {
            ModelType = file.Text("model_type")!,
            VocabularySize = file.Positive("vocab_size", 50257),
            HiddenSize = hidden,
            Layers = file.Layers("n_layer", 12),
            ContextLength = file.Positive("n_positions", 1024),
            Heads = heads,
            KeyHeads = heads,
            HeadSize = hidden / heads,
            IntermediateSize = file.Positive("n_inner", 4 * hidden),
            NormEpsilon = file.PositiveNumber("layer_norm_epsilon", 1e-5),
            CentredNorm = true,
            Rope = null,
            TiedHead = file.Flag("tie_word_embeddings", otherwise: true),
            QueryKeyValueBias = true,
            AttentionOutputBias = true,
            MlpBias = true,
            TransposedWeights = true,
            Activation = DecoderKeys.ActivationOf(file, "activation_function", Activation.GeluTanh),
            Names = Names,
        };
        return file.Flag("scale_attn_weights", otherwise: true) ? config : config with { AttentionScale = 1 };
    }

    private static DecoderNames Names { get; } = new()
    {
        Embedding = "transformer.wte",
        Places = "transformer.wpe",
        Layers = "transformer.h",
        LastNorm = "transformer.ln_f",
        AttentionNorm = "ln_1",
        MlpNorm = "ln_2",
        QueryKeyValue = "attn.c_attn",
        AttentionOutput = "attn.c_proj",
        Gate = null,
        Up = "mlp.c_fc",
        Down = "mlp.c_proj",
    };
}
