using PeftCluster.Jobs;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Merging;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Merging;

/// <summary>Whole folders that a merge writes, against PEFT's merged weights and against what must never be left behind.</summary>
public sealed class AdapterMergeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Every golden adapter that can become a part of its base.</summary>
    public static TheoryData<string> Cases => [.. GoldenFiles.Adapters.Where(CanMerge)];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_merged_folder_holds_PEFTs_merged_weights_and_the_bases_others(string golden) => OnDevice.Run(() =>
    {
        var model = Path.Combine(Path.GetDirectoryName(golden)!, "model");
        var target = _folder.File("merged");

        var result = AdapterMerge.Write(model, golden, target, _ => { }, TestContext.Current.CancellationToken);

        var (before, after) = (GoldenTensors.Load(Path.Combine(model, "model.safetensors")), GoldenTensors.Load(Path.Combine(target, "model.safetensors")));
        Assert.Equal(before.Names.Order(StringComparer.Ordinal), after.Names.Order(StringComparer.Ordinal));
        Assert.Equal(File.ReadAllBytes(Path.Combine(model, "config.json")), File.ReadAllBytes(Path.Combine(target, "config.json")));
        Assert.InRange(result.LogitDifference, 0, result.LogitLimit);
        // A trained weight may be as the base has it; nothing else may change.
        Assert.InRange(before.Names.Count(name => !before.Bytes(name).SequenceEqual(after.Bytes(name))), 1, result.ChangedTensors);
        if (!File.Exists(Path.Combine(golden, "expected.safetensors")))
            return;
        var expected = GoldenFiles.Read(golden, "expected.safetensors");
        foreach (var (name, weight) in expected.Where(pair => pair.Key.StartsWith("merged.", StringComparison.Ordinal)))
            GoldenFiles.Close(weight, tensor(after.Floats(name["merged.".Length..]), weight.shape), 1e-4, name);
    });

    [Fact]
    public void Every_method_that_changes_weights_is_among_them() => Assert.Superset(
        new HashSet<string> { "llama/merge-lora", "llama/merge-dora", "gpt2/merge-dora", "llama/merge-ia3", "qwen2/merge-ia3", "llama/pissa", "llama/vera", "llama/adalora", "llama/loha", "llama/lokr", "t5/lora", "bert/bert-classify" },
        Cases.Select(row => GoldenFiles.NameOf(row.Data)).ToHashSet());

    [Fact]
    public Task A_sharded_base_keeps_its_shards_its_index_and_its_formats() => OnDevice.Run(() =>
    {
        var (model, golden) = (_folder.File("base"), GoldenFolder.Of("extra", "llama", "merge-lora"));
        var source = GoldenFiles.Read(GoldenFolder.Of("extra", "llama", "model"), "model.safetensors");
        Directory.CreateDirectory(model);
        File.Copy(GoldenFolder.Of("extra", "llama", "model", "config.json"), Path.Combine(model, "config.json"));
        File.WriteAllText(Path.Combine(model, "pytorch_model.bin"), "the base's weights in another format");
        File.WriteAllText(Path.Combine(model, "tokenizer.model"), "any bytes");
        string[] names = [.. source.Keys.Order(StringComparer.Ordinal)];
        Shard("model-00001-of-00002.safetensors", names[..(names.Length / 2)], ScalarType.BFloat16);
        Shard("model-00002-of-00002.safetensors", names[(names.Length / 2)..], ScalarType.Float32);
        File.WriteAllText(Path.Combine(model, "model.safetensors.index.json"),
            $"{{\"weight_map\": {{{string.Join(", ", names.Select((name, at) => $"\"{name}\": \"model-0000{(at < names.Length / 2 ? 1 : 2)}-of-00002.safetensors\""))}}}}}");

        var result = AdapterMerge.Write(model, golden, _folder.File("merged"), _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal(
            ["config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json", "tokenizer.model"],
            Directory.GetFiles(_folder.File("merged")).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        foreach (var shard in Directory.GetFiles(model, "*.safetensors"))
            Assert.Equal(Entries(shard), Entries(Path.Combine(_folder.File("merged"), Path.GetFileName(shard))));
        Assert.Equal(5e-2, result.LogitLimit);

        void Shard(string file, string[] part, ScalarType type)
        {
            using var stream = File.Create(Path.Combine(model, file));
            SafetensorsWriter.Write(stream, part.Select(name => new SafetensorsTensor(
                name, type == ScalarType.BFloat16 ? SafetensorsType.BF16 : SafetensorsType.F32, source[name].shape, () => source[name].to(type).bytes)));
        }
    });

    [Fact]
    public Task A_merged_model_that_computes_something_else_is_refused_and_nothing_is_left_behind() => OnDevice.Run(() =>
    {
        var (model, golden) = (GoldenFolder.Of("extra", "llama", "model"), GoldenFolder.Of("extra", "llama", "merge-lora"));

        var refused = Assert.Throws<InvalidDataException>(() => AdapterMerge.Write(model, golden, _folder.File("merged"), _ => { }, limit: 0, TestContext.Current.CancellationToken));

        Assert.Contains("logits differ", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    });

    [Theory]
    [InlineData(new[] { 1f, -4f }, new[] { 1f, -4f }, 0)]
    [InlineData(new[] { 1f, -4f }, new[] { 1.5f, -4f }, 0.125)]
    [InlineData(new[] { 1f, -4f }, new[] { float.NaN, -4f }, double.NaN)]
    [InlineData(new[] { 1f, -4f }, new[] { 1f, float.PositiveInfinity }, double.PositiveInfinity)]
    public void A_difference_is_measured_by_the_largest_logit_and_never_hides_what_is_no_number(float[] due, float[] found, double expected) =>
        Assert.Equal(expected, LogitCheck.Difference(due, found));

    [Fact]
    public Task What_cannot_be_merged_or_written_is_refused_before_anything_is_written() => OnDevice.Run(() =>
    {
        var (model, golden) = (GoldenFolder.Of("models", "llama", "model"), GoldenFolder.Of("models", "llama", "lora"));

        Assert.Contains("cannot be merged", Refused(model, GoldenFolder.Of("models", "llama", "prefix"), _folder.File("merged")), StringComparison.Ordinal);
        Assert.Contains("is there already", Refused(model, golden, _folder.Path), StringComparison.Ordinal);
        Assert.Contains("nowhere", Refused(model, _folder.File("nowhere"), _folder.File("merged")), StringComparison.Ordinal);
        Assert.Contains("nowhere", Refused(_folder.File("nowhere"), golden, _folder.File("merged")), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    });

    public void Dispose() => _folder.Dispose();

    private static string Refused(string model, string adapter, string target) =>
        Assert.Throws<BadInputException>(() => AdapterMerge.Write(model, adapter, target, _ => { }, TestContext.Current.CancellationToken)).Message;

    private static IEnumerable<string> Entries(string file)
    {
        using var stream = File.OpenRead(file);
        return [.. SafetensorsHeader.Read(stream, file).Tensors.Select(entry => $"{entry.Name} {entry.Type} [{string.Join(",", entry.Shape)}]").Order(StringComparer.Ordinal)];
    }

    private static bool CanMerge(string golden) =>
        AdapterPlan.Of(AdapterFolder.Open(golden, _ => { }).Method, ModelConfigFile.Load(Path.Combine(Path.GetDirectoryName(golden)!, "model"))).CanMerge;
}
