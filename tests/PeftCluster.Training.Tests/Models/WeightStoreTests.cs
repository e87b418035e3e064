using System.Text;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Models;

/// <summary>Good and bad model folders: each fault has its one line, and nothing stays behind.</summary>
public sealed class WeightStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("peftcluster-weights-").FullName;
    private readonly DecoderConfig _config = TinyLlama.Config;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task Shards_and_a_single_file_give_equal_weights() => OnDevice.Run(() =>
    {
        var all = TinyLlama.Weights(_config);
        TinyLlama.Write(_folder, _config, all);
        using var single = WeightStore.Open(_folder, _config);
        var sharded = Directory.CreateDirectory(Path.Combine(_folder, "sharded")).FullName;
        Shard(sharded, all);
        using var shards = WeightStore.Open(sharded, _config);
        foreach (var name in _config.Weights.Keys)
            Assert.True(single[name].equal(shards[name]).all().item<bool>(), name);
        Assert.NotEqual(single.Sha256, shards.Sha256);
        Assert.Equal(64, shards.Sha256.Length);
    });

    [Fact]
    public Task Files_that_were_saved_without_the_head_lack_the_first_part_of_each_name() => OnDevice.Run(() =>
    {
        var config = _config with { TiedHead = true };
        var all = TinyLlama.Weights(config);
        TinyLlama.WriteFile(Path.Combine(_folder, "model.safetensors"), all.ToDictionary(pair => pair.Key["model.".Length..], pair => pair.Value));
        using var store = WeightStore.Open(_folder, config);
        foreach (var name in config.Weights.Keys)
            Assert.True(store[name].equal(all[name]).all().item<bool>(), name);
        Assert.Empty(store.Unexpected);
    });

    [Theory]
    [InlineData(0, true)]
    [InlineData(8, true)]
    [InlineData(8, false)]
    public Task Every_weight_that_goes_into_products_starts_on_a_64_byte_boundary_wherever_it_lies_in_the_file(int offBoundary, bool tied) => OnDevice.Run(() =>
    {
        const string embedding = "model.embed_tokens.weight";
        var config = _config with { TiedHead = tied };
        var all = TinyLlama.Weights(config);
        var file = Path.Combine(_folder, "model.safetensors");
        var padding = "";
        do
            TinyLlama.WriteFile(file, all, new Dictionary<string, string> { ["padding"] = padding += " " });
        while (DataStart(file) % 64 != offBoundary);
        using var store = WeightStore.Open(_folder, config);
        // An embedding that is not the head too stays where it lies, the first in the file.
        Assert.Equal(offBoundary == 0 || !tied, store.MappedBytes > 0);
        foreach (var name in config.Weights.Keys)
        {
            Assert.Equal(name == embedding && !tied ? offBoundary : 0, Address(store[name]) % 64);
            Assert.True(store[name].equal(all[name]).all().item<bool>(), name);
        }
    });

    [Fact]
    public Task Half_precision_is_widened_exactly() => OnDevice.Run(() =>
    {
        var all = TinyLlama.Weights(_config);
        using (var file = File.Create(Path.Combine(_folder, "model.safetensors")))
            SafetensorsWriter.Write(file, all.Select(pair => Half(pair.Key, pair.Value, SafetensorsType.BF16)));
        using var store = WeightStore.Open(_folder, _config);
        Assert.Equal(ScalarType.Float32, store["model.norm.weight"].dtype);
        Assert.True(store["lm_head.weight"].equal(all["lm_head.weight"].to(ScalarType.BFloat16).to(ScalarType.Float32)).all().item<bool>());
    });

    [Theory]
    [InlineData(SafetensorsType.BF16)]
    [InlineData(SafetensorsType.F16)]
    public Task A_weight_of_16_bits_as_it_is_stored_stays_in_the_map_wherever_it_lies(SafetensorsType type) => OnDevice.Run(() =>
    {
        var (all, file, padding) = (TinyLlama.Weights(_config), Path.Combine(_folder, "model.safetensors"), "");
        do
        {
            using var stream = File.Create(file);
            SafetensorsWriter.Write(stream, all.Select(pair => Half(pair.Key, pair.Value, type)), new Dictionary<string, string> { ["padding"] = padding += " " });
        }
        while (DataStart(file) % 64 != 8);
        using var store = WeightStore.Open(_folder, _config, BaseDtype.Stored);
        Assert.Equal(2 * _config.Parameters, store.Bytes);
        Assert.Equal(store.Bytes, store.MappedBytes);
        Assert.Equal(store.Bytes, BaseFormat.Of(_config, _folder, BaseDtype.Stored).Bytes);
        foreach (var name in _config.Weights.Keys)
            Assert.True(store[name].equal(all[name].to(Formats.Of(type)!.Value)).all().item<bool>(), name);
        using var wide = WeightStore.Open(_folder, _config, BaseDtype.Float32);
        Assert.Equal(0, wide.MappedBytes);
        Assert.True(wide["lm_head.weight"].equal(store["lm_head.weight"].to(ScalarType.Float32)).all().item<bool>());
    });

    [Fact]
    public Task A_number_that_float16_does_not_have_is_refused_in_one_line() => OnDevice.Run(() =>
    {
        var all = TinyLlama.Weights(_config);
        all["model.norm.weight"][3] = 70_000;
        TinyLlama.Write(_folder, _config, all);
        OneLine("base_dtype: float16 ends at 65504, and \"model.norm.weight\" in", () => WeightStore.Open(_folder, _config, BaseDtype.Float16));
        WeightStore.Open(_folder, _config, BaseDtype.Bfloat16).Dispose();
    });

    [Fact]
    public Task Two_workers_share_one_store_until_the_last_is_done() => OnDevice.Run(() =>
    {
        TinyLlama.Write(_folder, _config, TinyLlama.Weights(_config));
        var before = Tensor.TotalCount;
        var one = SharedWeights.Of(_folder, CancellationToken.None);
        var two = SharedWeights.Of(_folder, CancellationToken.None);
        Assert.Same(one.Store, two.Store);
        one.Dispose();
        Assert.Equal(32, two.Store["model.norm.weight"].numel());
        two.Dispose();
        Assert.Equal(before, Tensor.TotalCount);
    });

    [Fact]
    public Task A_missing_weight_is_named() => Refused("\"model.norm.weight\" is missing, and config.json needs it", all => all.Remove("model.norm.weight"));

    [Fact]
    public Task A_wrong_shape_is_named() => Refused("\"model.norm.weight\" has shape [31], but config.json needs [32]", all => all["model.norm.weight"] = ones(31));

    [Fact]
    public Task A_weight_that_is_not_a_number_is_named() => Refused("\"model.norm.weight\" holds numbers that are not finite (NaN or infinity)", all => all["model.norm.weight"][3] = float.NaN);

    [Fact]
    public Task Infinity_is_refused_too() => Refused("\"model.norm.weight\" holds numbers that are not finite", all => all["model.norm.weight"][31] = float.NegativeInfinity);

    [Fact]
    public Task A_truncated_file_is_refused() => OnDevice.Run(() =>
    {
        TinyLlama.Write(_folder, _config, TinyLlama.Weights(_config));
        using (var file = File.OpenWrite(Path.Combine(_folder, "model.safetensors")))
            file.SetLength(file.Length - 5);
        OneLine("bytes of data", () => WeightStore.Open(_folder, _config));
    });

    [Fact]
    public Task Whole_numbers_are_no_weights() => OnDevice.Run(() =>
    {
        using (var file = File.Create(Path.Combine(_folder, "model.safetensors")))
            SafetensorsWriter.Write(file, _config.Weights.Select(pair =>
                new SafetensorsTensor(pair.Key, SafetensorsType.I8, pair.Value, () => new byte[pair.Value.Aggregate(1L, (a, b) => a * b)])));
        OneLine("\"model.embed_tokens.weight\" is I8; weights must be F32, BF16 or F16", () => WeightStore.Open(_folder, _config));
    });

    [Theory]
    [InlineData("{", "needs a \"weight_map\"")]
    [InlineData("{\"weight_map\":{}}", "names no file")]
    [InlineData("{\"weight_map\":{\"a\":\"../secret.safetensors\"}}", "is no file name inside the folder")]
    [InlineData("{\"weight_map\":{\"a\":\"part-1.safetensors\"}}", "names part-1.safetensors, which is missing")]
    public void A_bad_index_is_refused(string json, string line)
    {
        File.WriteAllText(Path.Combine(_folder, "model.safetensors.index.json"), json);
        OneLine(line, () => WeightStore.Open(_folder, _config));
    }

    [Fact]
    public void A_folder_without_weights_is_refused() => OneLine("has neither model.safetensors nor model.safetensors.index.json", () => WeightStore.Open(_folder, _config));

    private Task Refused(string line, Action<Dictionary<string, Tensor>> spoil) => OnDevice.Run(() =>
    {
        var all = TinyLlama.Weights(_config);
        spoil(all);
        TinyLlama.Write(_folder, _config, all);
        var before = Tensor.TotalCount;
        OneLine(line, () => WeightStore.Open(_folder, _config));
        Assert.Equal(before, Tensor.TotalCount);
    });

    private static void OneLine(string part, Action work)
    {
        var error = Assert.Throws<BadInputException>(work);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static void Shard(string folder, Dictionary<string, Tensor> all)
    {
        var map = new StringBuilder();
        foreach (var (part, index) in all.Chunk(5).Select((part, index) => (part, index)))
        {
            TinyLlama.WriteFile(Path.Combine(folder, $"part-{index}.safetensors"), part.ToDictionary(pair => pair.Key, pair => pair.Value));
            foreach (var (name, _) in part)
                map.Append($"{(map.Length > 0 ? "," : "")}\"{name}\":\"part-{index}.safetensors\"");
        }
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), $"{{\"metadata\":{{}},\"weight_map\":{{{map}}}}}");
    }

    private static SafetensorsTensor Half(string name, Tensor value, SafetensorsType type)
    {
        var half = value.to(Formats.Of(type)!.Value);
        return new SafetensorsTensor(name, type, value.shape, () => half.bytes);
    }

    private static long DataStart(string file)
    {
        using var stream = File.OpenRead(file);
        return SafetensorsHeader.Read(stream, file).DataStart;
    }

    private static unsafe long Address(Tensor tensor)
    {
        fixed (byte* start = tensor.bytes)
            return (long)start;
    }
}
