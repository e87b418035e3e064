using System.Text.Json;
using PeftCluster.Acceptance.Tests.Worlds;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>Preparing data as a process: with less memory than there is data, and killed in the middle.</summary>
[Trait("Category", "Slow")]
public sealed class PreparationTests : IDisposable
{
    private const int Words = 250;

    private readonly TinyWorld _world = TinyWorld.Create();

    public PreparationTests()
    {
        File.WriteAllText(_world["base/tokenizer.json"], Tokenizer());
        File.WriteAllText(_world["job.yaml"], """
            model: base
            data: { train: train.jsonl, eval: heldout.jsonl, format: completion, max_length: 128 }
            method: { type: lora, r: 4, target_modules: [q_proj] }
            training: { micro_batch_size: 8, micro_batches: 4 }
            """);
        File.WriteAllLines(_world["heldout.jsonl"], Rows().Take(50).Select(row => row.Replace("word", "Word", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Data_three_times_as_large_as_the_memory_is_prepared_and_checked()
    {
        Write(200_000_000);

        var answer = (await CheckAsync("home", ("DOTNET_GCHeapHardLimit", "0x4000000"))).With(0);

        var rows = answer.Json.GetProperty("train").GetProperty("counts").GetProperty("rows").GetInt32();
        Assert.Equal(File.ReadLines(_world["train.jsonl"]).Count(), rows);
        Assert.Contains("preparing  data.train: 128 MB of 200 MB read", answer.Out, StringComparison.Ordinal);
        Assert.Empty(Temporary("home"));
    }

    [Fact]
    public async Task Killed_in_the_middle_nothing_half_is_used_and_the_next_gives_the_same_files()
    {
        Write(30_000_000);
        using (var killed = Peft.StartWith(Environment("killed"), _world.Folder, "data", "check", "job.yaml"))
        {
            while (!Temporary("killed").Any(path => new FileInfo(path).Length > 1_000_000))
                await Task.Delay(5, TestContext.Current.CancellationToken);
            killed.Kill();
            Assert.Equal(137, (await killed.EndAsync()).Code);
        }
        Assert.Empty(Files("killed", "manifests"));
        Assert.NotEmpty(Temporary("killed"));

        (await CheckAsync("killed")).With(0);
        (await CheckAsync("undisturbed")).With(0);

        Assert.Empty(Temporary("killed"));
        Assert.Equal(Files("undisturbed", "manifests"), Files("killed", "manifests"));
        // A shard's name is the hash of its bytes.
        Assert.Equal(Files("undisturbed", "shards"), Files("killed", "shards"));
    }

    public void Dispose() => _world.Dispose();

    private Dictionary<string, string> Environment(string home, params (string Name, string Value)[] more)
    {
        var environment = more.ToDictionary(variable => variable.Name, variable => variable.Value);
        environment["PEFTCLUSTER_HOME"] = _world[home];
        return environment;
    }

    private async Task<Answer> CheckAsync(string home, params (string Name, string Value)[] more)
    {
        using var peft = Peft.StartWith(Environment(home, more), _world.Folder, "data", "check", "job.yaml", "--json");
        return await peft.EndAsync();
    }

    private string[] Temporary(string home) => Files(home, "temporary", names: false);

    private string[] Files(string home, string folder, bool names = true)
    {
        var path = Path.Combine(_world[home], "prepared", folder);
        return Directory.Exists(path) ? [.. Directory.GetFiles(path).Select(file => names ? Path.GetFileName(file) : file).Order()] : [];
    }

    /// <summary>Rows of a few hundred letters, the same again and again: what is wanted is their number.</summary>
    private void Write(long bytes)
    {
        var block = string.Join('\n', Rows()) + "\n";
        using var file = File.CreateText(_world["train.jsonl"]);
        for (var written = 0L; written < bytes; written += block.Length)
            file.Write(block);
    }

    private static IEnumerable<string> Rows() => Enumerable.Range(0, 1000).Select(row => JsonSerializer.Serialize(new { prompt = Text(row, 10 + row % 31), completion = Text(row + 7, 4 + row % 13) }));

    private static string Text(int from, int words) => string.Join(' ', Enumerable.Range(from, words).Select(word => $"word{word * 7 % Words}"));

    private static string Tokenizer() => JsonSerializer.Serialize(new
    {
        version = "1.0",
        added_tokens = new[] { new { id = 256, content = "<|endoftext|>", single_word = false, lstrip = false, rstrip = false, normalized = false, special = true } },
        pre_tokenizer = new { type = "WhitespaceSplit" },
        model = new { type = "WordLevel", vocab = Enumerable.Range(0, Words).ToDictionary(word => $"word{word}", word => word).Append(new("<unk>", 255)).ToDictionary(), unk_token = "<unk>" },
    });
}
