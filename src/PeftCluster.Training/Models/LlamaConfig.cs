using System.Globalization;
using PeftCluster.Jobs;

namespace PeftCluster.Training.Models;

/// <summary>
/// Llama (Touvron et al., arXiv 2302.13971, 2307.09288): RMS norm before each block, rotary places, grouped key heads, gated
/// MLP. Names and defaults are those of transformers' LlamaConfig.
/// </summary>
public sealed record LlamaConfig : ModelConfig
{
    public override string ModelType => "llama";

    /// <summary>H, query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>K, key and value heads; H is a multiple of it.</summary>
    public required int KeyHeads { get; init; }

    /// <summary>N, the size of a head; even.</summary>
    public required int HeadSize { get; init; }

    /// <summary>The width of the MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>ε of the norms.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>The base of the rotary frequencies.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Whether the head is the embedding.</summary>
    public required bool TiedHead { get; init; }

    public override string HeadPath => "lm_head";

    public override IReadOnlyList<LinearShape> Linears
    {
        get
        {
            var all = new List<LinearShape>();
            for (var layer = 0; layer < Layers; layer++)
                all.AddRange(LinearsOf(layer));
            if (!TiedHead)
                all.Add(new LinearShape(HeadPath, HiddenSize, VocabularySize));
            return all;
        }
    }

    public override IReadOnlyDictionary<string, IReadOnlyList<long>> Weights
    {
        get
        {
            var all = new Dictionary<string, IReadOnlyList<long>> { ["model.embed_tokens.weight"] = [VocabularySize, HiddenSize] };
            for (var layer = 0; layer < Layers; layer++)
            {
                all[$"{Prefix(layer)}.input_layernorm.weight"] = [HiddenSize];
                all[$"{Prefix(layer)}.post_attention_layernorm.weight"] = [HiddenSize];
            }
            all["model.norm.weight"] = [HiddenSize];
            foreach (var linear in Linears)
                all[$"{linear.Path}.weight"] = [linear.Out, linear.In];
            return all;
        }
    }

    public override ICausalModel Build(WeightLookup weights, LinearWrapper? wrap = null) => new Llama(this, weights, wrap);

    public override KeyValueCache NewCache(int rows, int capacity) => new(Layers, rows, KeyHeads, capacity, HeadSize);

    internal static string Prefix(int layer) => string.Create(CultureInfo.InvariantCulture, $"model.layers.{layer}");

    /// <summary>Reads the family's keys.</summary>
    internal static LlamaConfig Read(ModelConfigFile file)
    {
        Refuse(file);
        var heads = file.Positive("num_attention_heads");
        var hidden = file.Positive("hidden_size");
        var config = new LlamaConfig
        {
            VocabularySize = file.Positive("vocab_size"),
            HiddenSize = hidden,
            Layers = file.Positive("num_hidden_layers"),
            ContextLength = file.Positive("max_position_embeddings", 2048),
            Heads = heads,
            KeyHeads = file.Positive("num_key_value_heads", heads),
            HeadSize = file.Positive("head_dim", Math.Max(1, hidden / heads)),
            IntermediateSize = file.Positive("intermediate_size"),
            NormEpsilon = file.PositiveNumber("rms_norm_eps", 1e-6),
            RopeTheta = file.PositiveNumber("rope_parameters.rope_theta", file.PositiveNumber("rope_theta", 10_000)),
            TiedHead = file.Flag("tie_word_embeddings"),
        };
        if (config.Heads % config.KeyHeads != 0)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"{file.Path}: num_attention_heads: {config.Heads} is not a multiple of num_key_value_heads, {config.KeyHeads}."));
        if (config.HeadSize % 2 != 0)
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{file.Path}: head_dim: {config.HeadSize} is odd; rotary places need pairs."));
        return config;
    }

    private static void Refuse(ModelConfigFile file)
    {
        foreach (var section in new[] { "rope_parameters", "rope_scaling" })
        {
            var type = file.Text($"{section}.rope_type") ?? file.Text($"{section}.type") ?? "default";
            if (type != "default")
                throw file.Unsupported($"{section} of type \"{type}\"", "only the default one is");
        }
        if (file.Flag("attention_bias"))
            throw file.Unsupported("attention_bias: true", "only layers without a bias are");
        if (file.Flag("mlp_bias"))
            throw file.Unsupported("mlp_bias: true", "only layers without a bias are");
        if (file.Text("hidden_act") is { } act and not "silu")
            throw file.Unsupported($"hidden_act \"{act}\"", "only silu is");
        if (file.Has("quantization_config"))
            throw file.Unsupported("quantization_config", "only float32, bfloat16 and float16 weights are");
    }

    private IEnumerable<LinearShape> LinearsOf(int layer)
    {
        var (attention, mlp) = ($"{Prefix(layer)}.self_attn", $"{Prefix(layer)}.mlp");
        yield return new LinearShape($"{attention}.q_proj", HiddenSize, Heads * HeadSize);
        yield return new LinearShape($"{attention}.k_proj", HiddenSize, KeyHeads * HeadSize);
        yield return new LinearShape($"{attention}.v_proj", HiddenSize, KeyHeads * HeadSize);
        yield return new LinearShape($"{attention}.o_proj", Heads * HeadSize, HiddenSize);
        yield return new LinearShape($"{mlp}.gate_proj", HiddenSize, IntermediateSize);
        yield return new LinearShape($"{mlp}.up_proj", HiddenSize, IntermediateSize);
        yield return new LinearShape($"{mlp}.down_proj", IntermediateSize, HiddenSize);
    }
}
