using System.Text.Json;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Acceptance.Tests.Worlds;

/// <summary>
/// A folder with a made-up llama of a few thousand numbers, a tokenizer of single bytes, rows and a job: everything that a
/// run needs, in milliseconds. Tests break it where they want.
/// </summary>
internal sealed class TinyWorld : IDisposable
{
    private const int Hidden = 32, Layers = 2, Heads = 4, KeyValueHeads = 2, Intermediate = 48, Vocabulary = 257;

    private TinyWorld() => Folder = Directory.CreateTempSubdirectory("peftcluster-world-").FullName;

    public string Folder { get; }

    public string this[string name] => Path.Combine(Folder, name);

    public static TinyWorld Create()
    {
        var world = new TinyWorld();
        Directory.CreateDirectory(world["base"]);
        world.WriteConfig("llama");
        File.WriteAllText(world["base/tokenizer.json"], Tokenizer());
        File.WriteAllText(world["base/tokenizer_config.json"], """{"tokenizer_class":"PreTrainedTokenizerFast","eos_token":"<|endoftext|>"}""");
        world.WriteWeights(Weights());
        File.WriteAllLines(world["train.jsonl"], Rows("train", 64));
        File.WriteAllLines(world["heldout.jsonl"], Rows("heldout", 12));
        File.WriteAllText(world["job.yaml"], Job);
        return world;
    }

    public void WriteConfig(string modelType) => File.WriteAllText(this["base/config.json"], JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["architectures"] = new[] { "LlamaForCausalLM" },
        ["model_type"] = modelType,
        ["hidden_act"] = "silu",
        ["hidden_size"] = Hidden,
        ["num_hidden_layers"] = Layers,
        ["num_attention_heads"] = Heads,
        ["num_key_value_heads"] = KeyValueHeads,
        ["intermediate_size"] = Intermediate,
        ["max_position_embeddings"] = 512,
        ["rms_norm_eps"] = 1e-6,
        ["rope_theta"] = 10000.0,
        ["tie_word_embeddings"] = true,
        ["vocab_size"] = Vocabulary,
        ["eos_token_id"] = 256,
    }));

    public void WriteWeights(IEnumerable<SafetensorsTensor> tensors)
    {
        using var file = File.Create(this["base/model.safetensors"]);
        SafetensorsWriter.Write(file, tensors, SafetensorsWriter.PyTorch);
    }

    public static List<SafetensorsTensor> Weights()
    {
        var random = new PhiloxStream(1, "tiny world");
        var tensors = new List<SafetensorsTensor> { Random("model.embed_tokens.weight", Vocabulary, Hidden), Ones("model.norm.weight") };
        for (var layer = 0; layer < Layers; layer++)
        {
            var path = $"model.layers.{layer}.";
            tensors.AddRange([Ones(path + "input_layernorm.weight"), Ones(path + "post_attention_layernorm.weight")]);
            foreach (var (name, outputs, inputs) in new (string, int, int)[]
            {
                ("self_attn.q_proj", Hidden, Hidden), ("self_attn.k_proj", Hidden / 2, Hidden), ("self_attn.v_proj", Hidden / 2, Hidden),
                ("self_attn.o_proj", Hidden, Hidden), ("mlp.gate_proj", Intermediate, Hidden), ("mlp.up_proj", Intermediate, Hidden), ("mlp.down_proj", Hidden, Intermediate),
            })
                tensors.Add(Random($"{path}{name}.weight", outputs, inputs));
        }
        return tensors;

        SafetensorsTensor Random(string name, int rows, int columns) =>
            SafetensorsTensor.Of(name, [rows, columns], Enumerable.Range(0, rows * columns).Select(_ => (float)random.NextGaussian() * 0.1f).ToArray());

        SafetensorsTensor Ones(string name) => SafetensorsTensor.Of(name, [Hidden], Enumerable.Repeat(1f, Hidden).ToArray());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private const string Job = """
        model: base
        data: { train: train.jsonl, eval: heldout.jsonl, format: completion, max_length: 64 }
        method: { type: lora, r: 4, lora_alpha: 8, target_modules: [q_proj, v_proj] }
        training:
          learning_rate: 5.0e-3
          max_steps: 20
          micro_batch_size: 2
          micro_batches: 4
          lr_scheduler_type: cosine
          seed: 7
          logging_steps: 5
          save_steps: 8
        evaluation: { shots: [0, 1, 2], batch_size: 4, max_new_tokens: 4 }
        resources: { workers: 2, threads: 1 }
        output: { folder: runs/tiny }
        """;

    private static IEnumerable<string> Rows(string seed, int count)
    {
        var random = new PhiloxStream(seed.Length, seed);
        string[] names = ["Ann", "Ben", "Eve", "Tom"], colours = ["red", "blue", "green"];
        for (var row = 0; row < count; row++)
        {
            var (name, number, colour) = (names[random.NextBelow(4)], random.NextBelow(90) + 10, colours[random.NextBelow(3)]);
            yield return $$"""{"prompt":"{{name}} wants {{number}} {{colour}} mugs:","completion":" {{number}} {{colour}}"}""";
        }
    }

    /// <summary>GPT-2's alphabet: a byte that prints is itself, any other is the next character from 256 on.</summary>
    private static string Tokenizer()
    {
        var shifted = 256;
        var vocabulary = Enumerable.Range(0, 256).ToDictionary(
            code => ((char)(code is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 ? code : shifted++)).ToString(), code => code);
        return JsonSerializer.Serialize(new
        {
            version = "1.0",
            added_tokens = new[] { new { id = 256, content = "<|endoftext|>", single_word = false, lstrip = false, rstrip = false, normalized = false, special = true } },
            pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = true },
            decoder = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = true },
            model = new { type = "BPE", vocab = vocabulary, merges = Array.Empty<string[]>() },
        });
    }
}
