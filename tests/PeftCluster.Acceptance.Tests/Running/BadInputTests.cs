using System.Text;
using PeftCluster.Acceptance.Tests.Worlds;
using PeftCluster.Steps.Safetensors;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>Each mistake that a user can make is one line on standard error that says where and what, and exit code 2.</summary>
[Trait("Category", "Slow")]
public sealed class BadInputTests
{
    /// <summary>Name, what is broken, further words of the command line, what the line must say.</summary>
    private static readonly (string Name, Action<TinyWorld> Break, string[] Words, string[] Says)[] Table =
    [
        ("missing model", _ => { }, ["--set", "model=nowhere"], ["model", "nowhere", "no such folder"]),
        ("missing data", _ => { }, ["--set", "data.train=nowhere.jsonl"], ["data.train", "nowhere.jsonl", "no such file"]),
        ("unknown architecture", world => world.WriteConfig("mystery"), [], ["config.json", "mystery", "llama"]),
        ("truncated weights", world => Cut(world["base/model.safetensors"], 1_000), [], ["model.safetensors", "lies at bytes"]),
        ("weights of no length", world => Cut(world["base/model.safetensors"], 5), [], ["model.safetensors", "truncated"]),
        ("a header that is too long", world => Header(world, 200_000_000, "{}"), [], ["model.safetensors", "100000000"]),
        ("a header that lies about its length", world => Header(world, 99_000_000, "{}"), [], ["model.safetensors", "truncated"]),
        ("offsets outside of the file", world => Header(world, null, """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"""), [], ["model.safetensors", "\"a\""]),
        ("overlapping tensors", world => Header(world, null, """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12), [], ["model.safetensors", "\"b\""]),
        ("missing tensor", world => world.WriteWeights(TinyWorld.Weights().Where(tensor => tensor.Name != "model.norm.weight")), [], ["model.norm.weight", "missing"]),
        ("wrong shape", world => Replace(world, "model.norm.weight", [16], 16, 1f), [], ["model.norm.weight", "[16]", "[32]"]),
        ("not a number", world => Replace(world, "model.norm.weight", [32], 32, float.NaN), [], ["model.norm.weight", "NaN"]),
        ("malformed line", world => Line(world, 3, "{\"prompt\": \"a\", "), [], ["train.jsonl:3"]),
        ("empty completion", world => Line(world, 5, """{"prompt":"a","completion":""}"""), [], ["train.jsonl:5", "completion", "empty"]),
        ("every label masked", world => Line(world, 2, $$"""{"prompt":"{{new string('a', 100)}}","completion":"b"}"""), [], ["train.jsonl:2"]),
        ("a token that the embedding does not have", world => Tokenizer(world, "256", "257"), [], ["train.jsonl:1", "id 257", "vocab_size", "257", "resize_token_embeddings"]),
        ("the same where it is only measured", world => Tokenizer(world, "256", "257"), ["eval"], ["train.jsonl:1", "id 257", "vocab_size"]),
        ("too long", world => Line(world, 2, $$"""{"prompt":"a","completion":"{{new string('b', 100)}}"}"""), ["--set", "data.on_too_long=refuse"], ["train.jsonl:2", "64"]),
        ("unknown target module", _ => { }, ["--set", "method.target_modules=[query]"], ["method.target_modules", "query", "q_proj", "down_proj"]),
        ("rank 0", _ => { }, ["--set", "method.r=0"], ["method.r", "0", "[1, 4096]"]),
        ("unknown key", _ => { }, ["--set", "training.learning_rat=1"], ["training.learning_rat", "learning_rate"]),
        ("output that cannot be written", world => File.WriteAllText(world["a-file"], ""), ["--set", "output.folder=a-file/run"], ["a-file", "output.folder"]),
        ("too many workers for a GPU that is not there", _ => { }, ["--device", "cuda:7"], ["resources.device", "cuda:7"]),
        ("more examples than rows", _ => { }, ["--set", "evaluation.shots=[0, 32]", "--set", "data.train_examples=8"], ["evaluation.shots", "32", "8 rows"]),
        ("nothing to train and nothing to measure", _ => { }, ["--set", "training.max_steps=0", "--set", "evaluation.shots=[]"], ["training.max_steps", "evaluation.shots"]),
        ("samples that cannot be written", _ => { }, ["eval", "--samples", "nowhere/samples.jsonl"], ["--samples", "nowhere/samples.jsonl"]),
        ("a share that is none", _ => { }, ["eval", "--wrong-labels", "2"], ["evaluation.wrong_labels", "[0, 1]"]),
        ("the same bits of no training", _ => { }, ["verify", "same-bits", "--set", "training.max_steps=0"], ["training.max_steps"]),
        ("a prompt's answer without a model", _ => { }, ["generate"], ["--model", "nowhere"]),
    ];

    public static TheoryData<string> Names => [.. Table.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_mistake_is_one_line_and_exit_code_2(string name)
    {
        using var world = TinyWorld.Create();
        var (_, damage, words, says) = Table.Single(row => row.Name == name);
        damage(world);

        var answer = words switch
        {
            ["generate"] => await Peft.RunAsync(world.Folder, "generate", "--model", "nowhere", "--prompt", "a", "--json"),
            ["eval", .. var options] => await Peft.RunAsync(world.Folder, ["eval", "job.yaml", "--json", .. options]),
            ["verify", var what, .. var options] => await Peft.RunAsync(world.Folder, ["verify", what, "job.yaml", "--json", .. options]),
            _ => await Peft.RunAsync(world.Folder, ["train", "job.yaml", "--json", .. words]),
        };

        answer.With(2);
        var line = Assert.Single(answer.Error.TrimEnd().Split('\n'));
        Assert.All(says, text => Assert.Contains(text, line, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", answer.Out + answer.Error, StringComparison.Ordinal);
        Assert.Equal("failed", answer.Status);
        Assert.Equal(line, answer.Json.GetProperty("reason").GetString());
        Assert.False(Directory.Exists(world["runs/tiny"]), "a refused job leaves no folder behind");
    }

    [Fact]
    public async Task A_row_that_is_too_long_is_cut_and_counted_by_default()
    {
        using var world = TinyWorld.Create();
        Line(world, 2, $$"""{"prompt":"a","completion":"{{new string('b', 100)}}"}""");

        var answer = await Peft.RunAsync(world.Folder, "train", "job.yaml", "--set", "training.max_steps=1", "--set", "evaluation.shots=[]");

        answer.With(0);
        Assert.Contains("1 rows truncated", answer.Out, StringComparison.Ordinal);
        Assert.Contains("data.max_length", answer.Out, StringComparison.Ordinal);
    }

    private static void Cut(string path, int bytes)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(bytes < 100 ? bytes : file.Length - bytes);
    }

    private static void Header(TinyWorld world, long? claimed, string json, int data = 0)
    {
        var header = Encoding.UTF8.GetBytes(json);
        using var file = File.Create(world["base/model.safetensors"]);
        file.Write(BitConverter.GetBytes(claimed ?? header.Length));
        file.Write(header);
        file.Write(new byte[data]);
    }

    private static void Replace(TinyWorld world, string name, long[] shape, int count, float value) => world.WriteWeights(
        TinyWorld.Weights().Where(tensor => tensor.Name != name).Append(SafetensorsTensor.Of(name, shape, Enumerable.Repeat(value, count).ToArray())));

    private static void Tokenizer(TinyWorld world, string from, string to) =>
        File.WriteAllText(world["base/tokenizer.json"], File.ReadAllText(world["base/tokenizer.json"]).Replace($"\"id\":{from}", $"\"id\":{to}", StringComparison.Ordinal));

    private static void Line(TinyWorld world, int number, string text)
    {
        var lines = File.ReadAllLines(world["train.jsonl"]);
        lines[number - 1] = text;
        File.WriteAllLines(world["train.jsonl"], lines);
    }
}
