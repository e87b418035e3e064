using System.Text.Json;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Combining;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Peft.Lora;
using PeftCluster.Training.Tests.AdapterFiles;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Combining;

/// <summary>Folders that a combination writes, and what it refuses; the numbers are in <see cref="CombinationGoldenTests"/>.</summary>
public sealed class AdapterCombinationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public Task The_new_folder_is_an_adapter_as_PEFT_saves_it() => OnDevice.Run(() =>
    {
        var result = Write(new CombinationSpec(CombinationType.Cat, [0.7, -0.4]), Combine("a"), Combine("c"));

        Assert.Equal(["README.md", "adapter_config.json", "adapter_model.safetensors"], Directory.GetFiles(result.Folder).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        Assert.Equal([result.Folder], Directory.GetFileSystemEntries(_folder.Path));
        var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(result.Folder, "adapter_config.json"))).RootElement;
        Assert.Equal((6, 6, "CAUSAL_LM"), (config.GetProperty("r").GetInt32(), config.GetProperty("lora_alpha").GetInt32(), config.GetProperty("task_type").GetString()));
        Assert.Equal(["o_proj", "q_proj", "v_proj"], config.GetProperty("target_modules").EnumerateArray().Select(name => name.GetString()));
        var again = AdapterFolder.Open(result.Folder, warning => Assert.Fail(warning));
        var plan = AdapterPlan.Of(again.Method, ModelConfigFile.Load(GoldenFolder.Of("extra", "llama", "model")));
        Assert.Equal(result.Numbers, plan.Layout.Parameters);
        Assert.Contains(again.Read(plan.Layout), number => number != 0);
        Assert.Contains("| c | -0.4 |", File.ReadAllText(Path.Combine(result.Folder, "README.md")), StringComparison.Ordinal);
    });

    [Fact]
    public Task A_rank_stabilised_adapter_becomes_one_of_scale_1() => OnDevice.Run(() =>
    {
        var folder = GoldenFolder.Of("models", "llama", "lora-all-rs");
        var before = ChangesOf(folder);

        var result = Write(new CombinationSpec(CombinationType.Linear, [1]), folder);

        Assert.False(((LoraSpec)AdapterFolder.Open(result.Folder, _ => { }).Method).UseRslora);
        foreach (var (module, change) in ChangesOf(result.Folder))
            GoldenFiles.Close(before[module], change, 1e-5, module);
    });

    [Fact]
    public Task Dare_keeps_about_the_density_and_is_a_function_of_the_seed() => OnDevice.Run(() =>
    {
        string Sha(long? seed, double density) => Write(new CombinationSpec(CombinationType.Of("dare_linear")!, [0.5, 0.5], density, Seed: seed), Combine("a"), Combine("b")).Sha256;

        Assert.Equal(Sha(7, 0.5), Sha(7, 0.5));
        Assert.NotEqual(Sha(7, 0.5), Sha(8, 0.5));
        // Nothing is dropped, so nothing depends on what is drawn.
        Assert.Equal(Sha(7, 1), Write(new CombinationSpec(CombinationType.Linear, [0.5, 0.5]), Combine("a"), Combine("b")).Sha256);
        using var mask = new DareMasks(3, 0.3, ["x", "y"], 2).Of([200, 100], "y", ofB: true, 1);
        Assert.InRange(mask.mean().item<float>(), 0.28f, 0.32f);
    });

    [Fact]
    public Task IA3_vectors_are_summed_and_weights_that_rescale_the_base_are_told() => OnDevice.Run(() =>
    {
        var ia3 = GoldenFolder.Of("models", "llama", "ia3");
        var warnings = new List<string>();

        var whole = AdapterCombination.Write([ia3, ia3], _folder.File("whole"), new CombinationSpec(CombinationType.Linear, [0.25, 0.75]), warnings.Add, default);
        Assert.Empty(warnings);
        AdapterCombination.Write([ia3, ia3], _folder.File("half"), new CombinationSpec(CombinationType.Linear, [0.25, 0.25]), warnings.Add, default);

        Assert.Contains("sum to 0.5", Assert.Single(warnings), StringComparison.Ordinal);
        var (before, after, half) = (GoldenFiles.Read(ia3, "adapter_model.safetensors"), GoldenFiles.Read(whole.Folder, "adapter_model.safetensors"), GoldenFiles.Read(_folder.File("half"), "adapter_model.safetensors"));
        Assert.Equal(before.Keys.Order(StringComparer.Ordinal), after.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, vector) in before)
        {
            GoldenFiles.Close(vector, after[key], 1e-6, key);
            GoldenFiles.Close(vector * 0.5, half[key], 1e-6, key);
        }
        Assert.NotNull(AdapterPlan.Of(AdapterFolder.Open(whole.Folder, _ => { }).Method, ModelConfigFile.Load(GoldenFolder.Of("models", "llama", "model"))));
    });

    [Theory]
    [InlineData("linear", "extra/llama/combine/a", "extra/llama/combine/c", "needs adapters of one rank; these have 4, 2")]
    [InlineData("svd", "models/llama/dora", "models/llama/dora", "use_dora")]
    [InlineData("linear", "models/llama/lora", "models/llama/ia3", "method ia3, the first one of lora")]
    [InlineData("linear", "models/llama/prefix", "models/llama/prefix", "PEFT combines lora and ia3")]
    [InlineData("cat", "extra/llama/pissa", "extra/llama/pissa", "init_lora_weights")]
    [InlineData("cat", "extra/llama/modules-to-save-lm-head", "extra/llama/modules-to-save-lm-head", "cannot be combined")]
    [InlineData("cat", "extra/llama/lora-tokens", "extra/llama/lora-tokens", "cannot be combined")]
    [InlineData("cat", "extra/bert/bert-classify", "extra/bert/bert-classify", "cannot be combined")]
    [InlineData("cat", "extra/llama/lora-patterns", "extra/llama/combine/a", "layers_to_transform")]
    [InlineData("cat", "extra/llama/lora-regex", "extra/llama/combine/a", "an expression in another")]
    [InlineData("cat", "extra/llama/combine/a", "models/mistral/lora", "Combine adapters of one base model")]
    [InlineData("svd", "models/llama/ia3", "models/llama/ia3", "combine linearly only")]
    [InlineData("cat", "extra/llama/combine/a", "extra/llama/nowhere", "there is no such folder")]
    public Task What_cannot_be_combined_is_refused_before_anything_is_written(string type, string first, string second, string reason) => OnDevice.Run(() =>
    {
        var refused = Assert.Throws<BadInputException>(() => Write(new CombinationSpec(CombinationType.Of(type)!, [1, 1]), GoldenFolder.Of(first.Split('/')), GoldenFolder.Of(second.Split('/'))));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    });

    [Fact]
    public Task Other_parts_before_the_layers_numbers_are_another_choice() => OnDevice.Run(() =>
    {
        TemporaryFolder Choosing(string pattern) => AdapterOnDisk.Of($$"""{"peft_type": "LORA", "r": 2, "target_modules": ["q_proj"], "layers_to_transform": [0], "layers_pattern": "{{pattern}}"}""");
        using var one = Choosing("layers");
        using var other = Choosing("h");
        Assert.EndsWith("layers_pattern differ from the first adapter's, and one configuration cannot say both. Name whole paths in target_modules instead.",
            Assert.Throws<BadInputException>(() => Write(new CombinationSpec(CombinationType.Cat, [1, 1]), one.Path, other.Path)).Message, StringComparison.Ordinal);
        Assert.Equal(["layers"], ((LoraSpec)AdapterFolder.Open(Write(new CombinationSpec(CombinationType.Cat, [1, 1]), one.Path, one.Path).Folder, _ => { }).Method).LayersPattern!);
    });

    [Fact]
    public Task Ranks_that_no_SVD_finds_and_numbers_that_overflow_are_refused() => OnDevice.Run(() =>
    {
        string Refused(CombinationSpec spec) => Assert.Throws<BadInputException>(() => Write(spec, Combine("a"), Combine("b"))).Message;

        Assert.Contains("--rank: 4096 is above", Refused(new CombinationSpec(CombinationType.Of("svd")!, [1, 1], Rank: 4096)), StringComparison.Ordinal);
        Assert.Contains("beyond what float32 holds", Refused(new CombinationSpec(CombinationType.Cat, [1e39, 1])), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    });

    public void Dispose() => _folder.Dispose();

    private static Dictionary<string, Tensor> ChangesOf(string folder)
    {
        var adapter = AdapterFolder.Open(folder, _ => { });
        return LoraPair.Of(adapter).ToDictionary(pair => pair.Path, pair => pair.Change(adapter.Weights), StringComparer.Ordinal);
    }

    private static string Combine(string name) => GoldenFolder.Of("extra", "llama", "combine", name);

    private CombinationResult Write(CombinationSpec spec, params string[] folders) =>
        AdapterCombination.Write(folders, _folder.File($"new{Directory.GetDirectories(_folder.Path).Length}"), spec, _ => { }, TestContext.Current.CancellationToken);
}
