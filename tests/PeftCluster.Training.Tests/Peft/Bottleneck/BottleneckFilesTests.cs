using System.Text.Json.Nodes;
using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Bottleneck;

/// <summary>AdapterHub's files, read and written again; presets, starts, and the one line for what is not offered.</summary>
public sealed class BottleneckFilesTests
{
    public static TheoryData<string> Cases => [.. GoldenFiles.Adapters.Where(folder => File.Exists(Path.Combine(folder, "adapter.safetensors")))];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_file_that_is_read_and_written_again_says_the_same(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        using var written = new TemporaryFolder();
        AdapterExport.Write(written.Path, Job(golden.Plan.Method), golden.Weights.Config.Task, golden.Plan, golden.Adapter, default);
        var (theirs, ours) = (Config(folder), Config(written.Path));
        Assert.Equal(theirs.Select(pair => pair.Key).Order(), ours.Select(pair => pair.Key).Order());
        foreach (var (key, value) in theirs)
            Assert.True(JsonNode.DeepEquals(value, ours[key]), $"{key}: AdapterHub writes {value}, we {ours[key]}");
        var again = GoldenFiles.Read(written.Path, "adapter.safetensors");
        Assert.Equal(golden.File.Keys.Order(), again.Keys.Order());
        Assert.All(golden.File, pair => GoldenFiles.Close(pair.Value, again[pair.Key], 0, pair.Key));
        Assert.Contains($"({Path.GetFileName(folder)["bottleneck-".Length..]})", File.ReadAllText(written.File("README.md")), StringComparison.Ordinal);
    });

    [Fact]
    public void Presets_are_those_of_AdapterHub()
    {
        var model = TinyLlama.Config with { HiddenSize = 64, Heads = 8 };
        // Width 4 in one place a layer; in two places; width 32.
        Assert.Equal(2 * (2 * 64 * 4 + 4 + 64), AdapterPlan.Of(new BottleneckSpec(), model).Layout.Parameters);
        Assert.Equal(4 * (2 * 64 * 4 + 4 + 64), AdapterPlan.Of(new BottleneckSpec { Config = BottleneckPreset.DoubleSeqBn }, model).Layout.Parameters);
        Assert.Equal(2 * (2 * 64 * 32 + 32 + 64), AdapterPlan.Of(new BottleneckSpec { Config = BottleneckPreset.ParBn }, model).Layout.Parameters);
        Assert.Equal(2 * 64 * 4 + 4 + 64, AdapterPlan.Of(new BottleneckSpec { LeaveOut = [1] }, model).Layout.Parameters);
        Assert.Contains("2 bottlenecks of width 32, parallel", AdapterPlan.Of(new BottleneckSpec { Config = BottleneckPreset.ParBn }, model).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_parallel_bottleneck_starts_as_the_base_and_the_others_almost() => OnDevice.Run(() =>
    {
        using var noGraph = no_grad();
        var weights = TinyLlama.Weights(TinyLlama.Config);
        var ids = arange(12).view(1, 12);
        var alone = TinyLlama.Config.Build(name => weights[name]).Hidden(ids);
        foreach (var (preset, most) in new[] { (BottleneckPreset.ParBn, 0f), (BottleneckPreset.SeqBn, 0.05f) })
        {
            var plan = AdapterPlan.Of(new BottleneckSpec { Config = preset }, TinyLlama.Config);
            var vector = new float[plan.Layout.Length];
            plan.Initialise(vector, 5, name => weights[name]);
            using var adapted = new AdaptedModel(TinyLlama.Config, name => weights[name], plan);
            adapted.Vector.Load(vector);
            Assert.Contains(vector, value => value != 0);
            Assert.InRange((((Decoder)adapted.Model).Hidden(ids) - alone).abs().max().item<float>(), 0, most);
        }
    });

    [Theory]
    [InlineData("\"use_gating\": true", "use_gating: true is not supported: only false is.")]
    [InlineData("\"inv_adapter\": \"nice\"", "inv_adapter: \"nice\" is not supported: only null is.")]
    [InlineData("\"non_linearity\": \"mish\"", "non_linearity: \"mish\" is not supported: known: relu, swish, gelu, tanh.")]
    [InlineData("\"reduction_factor\": {\"default\": 16}", "reduction_factor: {\"default\": 16} is not a number above 0")]
    public void What_is_not_offered_is_refused_in_one_line(string key, string line)
    {
        using var folder = new TemporaryFolder();
        var config = new JsonObject { ["non_linearity"] = "relu" };
        foreach (var (name, value) in JsonNode.Parse($"{{{key}}}")!.AsObject())
            config[name] = value?.DeepClone();
        File.WriteAllText(folder.File("adapter_config.json"), new JsonObject { ["config"] = config, ["name"] = "a", ["version"] = "adapters.1.2.0" }.ToJsonString());
        File.Copy(Path.Combine(Cases.First().Data, "adapter.safetensors"), folder.File("adapter.safetensors"));
        var message = Assert.Throws<BadInputException>(() => AdapterFolder.Open(folder.Path, Assert.Fail)).Message;
        Assert.Contains(line.Replace(": {\"default\": 16}", ": {\"default\":16}", StringComparison.Ordinal), message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_model_without_a_place_for_them_and_layers_that_it_has_not_are_refused()
    {
        Assert.Contains("this model has no layer 2; it has 2", Refusal(new BottleneckSpec { LeaveOut = [2] }, TinyLlama.Config), StringComparison.Ordinal);
        Assert.Contains("no layer gets a bottleneck", Refusal(new BottleneckSpec { LeaveOut = [0, 1] }, TinyLlama.Config), StringComparison.Ordinal);
        var t5 = ModelConfigFile.Load(Path.Combine(GoldenFiles.Models.First(folder => Path.GetFileName(folder) == "t5"), "model"));
        Assert.Contains("this model has no layer 4; it has 4", Refusal(new BottleneckSpec { LeaveOut = [4] }, t5), StringComparison.Ordinal);
    }

    private static string Refusal(BottleneckSpec spec, ModelConfig model) => Assert.Throws<BadInputException>(() => AdapterPlan.Of(spec, model)).Message;

    private static JobSpec Job(MethodSpec method) => new()
    {
        Name = "golden",
        Model = "",
        Method = method,
        Data = new DataSpec { Train = "train.jsonl" },
        Output = new OutputSpec { Folder = "runs" },
    };

    private static JsonObject Config(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json")))!.AsObject();
}
