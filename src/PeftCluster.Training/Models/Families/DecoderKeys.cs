using System.Globalization;
using PeftCluster.Jobs;

namespace PeftCluster.Training.Models.Families;

/// <summary>What a family takes where config.json is silent. The defaults are llama's.</summary>
internal sealed record DecoderDefaults
{
    public int ContextLength { get; init; } = 2048;

    /// <summary>Key heads; null: as many as query heads.</summary>
    public int? KeyHeads { get; init; }

    /// <summary>The size of a head; null: hidden size ÷ query heads.</summary>
    public int? HeadSize { get; init; }

    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>The key that has it.</summary>
    public string NormKey { get; init; } = "rms_norm_eps";

    /// <summary>The share of a head that is rotated.</summary>
    public double Rotated { get; init; } = 1;

    public bool TiedHead { get; init; }

    /// <summary>The key that names the activation.</summary>
    public string ActivationKey { get; init; } = "hidden_act";

    public Activation Activation { get; init; } = Activation.Silu;
}

/// <summary>Reads the keys that all families have, and refuses what none of them computes here.</summary>
internal static class DecoderKeys
{
    private static readonly Dictionary<string, Activation> Activations = new(StringComparer.Ordinal)
    {
        ["silu"] = Activation.Silu,
        ["swish"] = Activation.Silu,
        ["gelu"] = Activation.Gelu,
        ["gelu_pytorch_tanh"] = Activation.GeluTanh,
        ["gelu_new"] = Activation.GeluTanh,
    };

    /// <summary>The decoder as far as the common keys tell.</summary>
    /// <exception cref="BadInputException">A key that is missing, wrong or not computed.</exception>
    public static DecoderConfig Read(ModelConfigFile file, DecoderDefaults defaults)
    {
        Refuse(file);
        var (heads, hidden) = (file.Positive("num_attention_heads"), file.Positive("hidden_size"));
        var keyHeads = file.Positive("num_key_value_heads", defaults.KeyHeads ?? heads);
        var headSize = file.Positive("head_dim", defaults.HeadSize ?? Math.Max(1, hidden / heads));
        if (heads % keyHeads != 0)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"{file.Path}: num_attention_heads: {heads} is not a multiple of num_key_value_heads, {keyHeads}."));
        var context = file.Positive("max_position_embeddings", defaults.ContextLength);
        return new DecoderConfig
        {
            ModelType = file.Text("model_type")!,
            VocabularySize = file.Positive("vocab_size"),
            HiddenSize = hidden,
            Layers = file.Layers("num_hidden_layers"),
            ContextLength = context,
            Heads = heads,
            KeyHeads = keyHeads,
            HeadSize = headSize,
            IntermediateSize = file.Positive("intermediate_size"),
            NormEpsilon = file.PositiveNumber(defaults.NormKey, defaults.NormEpsilon),
            Rope = RopeKeys.Read(file, headSize, context, defaults.Rotated),
            TiedHead = file.Flag("tie_word_embeddings", defaults.TiedHead),
            Activation = ActivationOf(file, defaults.ActivationKey, defaults.Activation),
        };
    }

    /// <summary>The activation that a key names.</summary>
    /// <exception cref="BadInputException">It is not computed here.</exception>
    public static Activation ActivationOf(ModelConfigFile file, string key, Activation otherwise)
    {
        if (file.Text(key) is not { } name)
            return otherwise;
        return Activations.TryGetValue(name, out var activation)
            ? activation
            : throw file.Unsupported($"{key} \"{name}\"", $"known are {string.Join(", ", Activations.Keys)}");
    }

    /// <summary>Refuses weights that are no plain numbers.</summary>
    public static void RefuseQuantized(ModelConfigFile file)
    {
        if (file.Has("quantization_config"))
            throw file.Unsupported("quantization_config", "only float32, bfloat16 and float16 weights are");
    }

    private static void Refuse(ModelConfigFile file)
    {
        RefuseQuantized(file);
        if (file.Flag("use_bidirectional_attention"))
            throw file.Unsupported("use_bidirectional_attention: true", "a token sees only what stands before it");
        foreach (var key in new[] { "attention_dropout", "hidden_dropout", "resid_pdrop", "embd_pdrop" })
        {
            if (file.Number(key, 0) != 0)
                throw file.Unsupported($"{key} above 0", "only an adapter's own dropout is: set it to 0");
        }
    }
}
