using System.Text.Json;
using PeftCluster.Acceptance.Tests.House;

namespace PeftCluster.Acceptance.Tests.Running;

/// <summary>The example's job goes the whole way in the real executable, in one process and in several, with its method, loss and metric.</summary>
[Trait("Category", "Slow")]
public sealed class PluginTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("peftcluster-plugin-").FullName;

    [Fact]
    public async Task A_plugins_method_loss_and_metric_train_measure_and_generate_with_the_same_bits()
    {
        var (plugin, rows) = (Path.Combine(_folder, "ExamplePlugin.dll"), Path.Combine(_folder, "heldout.jsonl"));
        File.Copy(Built, plugin);
        File.WriteAllLines(rows, File.ReadLines(Path.Combine(Repository.Root, "examples/quickstart/heldout.jsonl")).Take(4));
        string[] job =
        [
            "examples/plugin/job.yaml", "--set", $"plugins=[{plugin}]", "--set", $"data.eval={rows}", "--set", $"output.folder={_folder}/run",
            "--set", "training.max_steps=3", "--set", "training.micro_batch_size=2", "--set", "evaluation.max_new_tokens=12",
            "--set", "training.eval_steps=1", "--set", "training.load_best_model_at_end=true", "--set", "training.metric_for_best_model=edit_similarity", "--json",
        ];
        var trained = (await Peft.RunAsync(Repository.Root, ["train", .. job])).With(0);
        var verified = (await Peft.RunAsync(Repository.Root, ["verify", "same-bits", .. job, "--workers", "1,3", "--seed", "5"])).With(0);
        // Nodes take the plugin from the folder that they are allowed.
        var asProcesses = (await Peft.RunAsync(Repository.Root, ["verify", "same-bits", .. job, "--processes", "--workers", "2"])).With(0);

        // Long lines are broken.
        Assert.Contains($"--plugin{plugin}--prompt", string.Concat(trained.Out.Where(letter => !char.IsWhiteSpace(letter))), StringComparison.Ordinal);
        Assert.DoesNotContain("Hugging Face PEFT", trained.Out, StringComparison.Ordinal);
        Assert.Equal([trained.Sha256], Hashes(verified).Concat(Hashes(asProcesses)).Distinct());
        var similarity = Similarity(trained);
        Assert.InRange(similarity, 0.01, 0.99);
        // Each version is measured, and the first of the most similar ones is the result.
        var lines = File.ReadLines(Path.Combine(_folder, "run", "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToLookup(line => line.GetProperty("event").GetString());
        var measured = lines["evaluation"].Where(line => line.GetProperty("target").GetString() == "adapter").Select(line => (Step: line.GetProperty("step").GetInt32(), Value: line.GetProperty("scores").GetProperty("edit_similarity").GetDouble())).ToList();
        var end = lines["end"].Single();
        Assert.Equal([1, 2, 3], measured.Select(one => one.Step));
        Assert.Equal((similarity, measured.MaxBy(one => one.Value).Step), (measured.Max(one => one.Value), end.GetProperty("best_step").GetInt32()));
        Assert.Equal(("edit_similarity", similarity), (end.GetProperty("best_metric").GetString(), end.GetProperty("best_value").GetDouble()));
        Assert.Equal(similarity, Similarity((await Peft.RunAsync(Repository.Root, ["eval", .. job])).With(0)));

        string[] generate = ["generate", "--model", "examples/quickstart/base", "--adapter", $"{_folder}/run/adapter", "--prompt", "Write the ticket", "--max-new-tokens", "4"];
        (await Peft.RunAsync(Repository.Root, [.. generate, "--plugin", plugin])).With(0);
        Assert.Contains("a plugin's method needs its plugin named", (await Peft.RunAsync(Repository.Root, generate)).With(2).Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Built => Path.Combine(
        Repository.Root, "artifacts", "bin", "ExamplePlugin", Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)), "ExamplePlugin.dll");

    private static double Similarity(Answer answer) =>
        answer.Json.GetProperty("evaluation").GetProperty("adapter").GetProperty("scores").GetProperty("edit_similarity").GetDouble();

    private static List<string?> Hashes(Answer answer) => [.. answer.Json.GetProperty("hashes").EnumerateObject().Select(run => run.Value.GetString())];
}
