using System.Text.Json;
using System.Text.Json.Nodes;
using PeftCluster.Steps.Randomness;
using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Acceptance.Tests.Worlds;

/// <summary>Makes a tiny world's base a RoBERTa with a head of three classes, its tokenizer one that frames a text, and its rows texts of a class each.</summary>
internal static class TinyRoberta
{
    private const int Hidden = 32, Layers = 2, Intermediate = 48, Vocabulary = 257, Places = 130;
    private static readonly string[] Colours = ["red", "green", "blue"];

    public static void Write(TinyWorld world)
    {
        File.WriteAllText(world["base/config.json"], JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["model_type"] = "roberta",
            ["hidden_size"] = Hidden,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = 4,
            ["intermediate_size"] = Intermediate,
            ["max_position_embeddings"] = Places,
            ["type_vocab_size"] = 1,
            ["pad_token_id"] = 1,
            ["vocab_size"] = Vocabulary,
            ["id2label"] = Colours.Select((colour, number) => (colour, number)).ToDictionary(pair => $"{pair.number}", pair => pair.colour),
        }));
        var tokenizer = JsonNode.Parse(File.ReadAllText(world["base/tokenizer.json"]))!;
        tokenizer["post_processor"] = JsonNode.Parse("""{"type": "RobertaProcessing", "sep": ["<|endoftext|>", 256], "cls": ["<|endoftext|>", 256], "trim_offsets": true, "add_prefix_space": false}""");
        File.WriteAllText(world["base/tokenizer.json"], tokenizer.ToJsonString());
        world.WriteWeights(Weights());
        File.WriteAllLines(world["train.jsonl"], Rows("train", 96));
        File.WriteAllLines(world["heldout.jsonl"], Rows("heldout", 12));
    }

    private static IEnumerable<string> Rows(string seed, int count)
    {
        var random = new PhiloxStream(seed.Length, seed);
        for (var row = 0; row < count; row++)
        {
            var colour = Colours[random.NextBelow(3)];
            yield return $$"""{"prompt":"{{colour}} mugs, {{random.NextBelow(90) + 10}} of them","completion":"{{colour}}"}""";
        }
    }

    private static List<SafetensorsTensor> Weights()
    {
        var random = new PhiloxStream(3, "tiny RoBERTa");
        var tensors = new List<SafetensorsTensor>
        {
            Random("roberta.embeddings.word_embeddings", Vocabulary, Hidden), Random("roberta.embeddings.position_embeddings", Places, Hidden), Random("roberta.embeddings.token_type_embeddings", 1, Hidden),
        };
        tensors.AddRange([.. Norm("roberta.embeddings.LayerNorm"), .. Linear("classifier.dense", Hidden, Hidden), .. Linear("classifier.out_proj", 3, Hidden)]);
        for (var layer = 0; layer < Layers; layer++)
        {
            var path = $"roberta.encoder.layer.{layer}.";
            foreach (var name in new[] { "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense" })
                tensors.AddRange(Linear(path + name, Hidden, Hidden));
            tensors.AddRange([.. Linear(path + "intermediate.dense", Intermediate, Hidden), .. Linear(path + "output.dense", Hidden, Intermediate)]);
            tensors.AddRange([.. Norm(path + "attention.output.LayerNorm"), .. Norm(path + "output.LayerNorm")]);
        }
        return tensors;

        SafetensorsTensor Random(string name, int rows, int columns) =>
            SafetensorsTensor.Of($"{name}.weight", [rows, columns], Enumerable.Range(0, rows * columns).Select(_ => (float)random.NextGaussian() * 0.2f).ToArray());

        SafetensorsTensor[] Linear(string name, int rows, int columns) => [Random(name, rows, columns), SafetensorsTensor.Of($"{name}.bias", [rows], new float[rows])];

        SafetensorsTensor[] Norm(string name) =>
            [SafetensorsTensor.Of($"{name}.weight", [Hidden], Enumerable.Repeat(1f, Hidden).ToArray()), SafetensorsTensor.Of($"{name}.bias", [Hidden], new float[Hidden])];
    }
}
