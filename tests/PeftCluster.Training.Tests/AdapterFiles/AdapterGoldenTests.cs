using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;

namespace PeftCluster.Training.Tests.AdapterFiles;

/// <summary>Adapters that Hugging Face PEFT saved, read into a vector and written again: the same files.</summary>
public sealed class AdapterGoldenTests
{
    public static TheoryData<string> Adapters => [.. GoldenFiles.Adapters.Where(folder => File.Exists(Path.Combine(folder, "adapter_model.safetensors")))];

    [Theory]
    [MemberData(nameof(Adapters))]
    public void Weights_read_and_written_again_have_equal_bytes(string name)
    {
        using var folder = Rewritten(name);
        Assert.Equal(File.ReadAllBytes(Path.Combine(name, "adapter_model.safetensors")), File.ReadAllBytes(folder.File("adapter_model.safetensors")));
    }

    [Theory]
    [MemberData(nameof(Adapters))]
    public void The_configuration_has_the_keys_and_values_that_PEFT_writes(string name)
    {
        using var folder = Rewritten(name);
        var theirs = Config(name);
        var ours = Config(folder.Path);
        Assert.Equal(theirs.Select(pair => pair.Key), ours.Select(pair => pair.Key));
        foreach (var (key, value) in theirs.Where(pair => pair.Key is not ("peft_version" or "target_modules")))
            Assert.True(JsonNode.DeepEquals(value, ours[key]), $"{name}: {key}: PEFT writes {value}, we {ours[key]}");
        Assert.Equal(AdapterExport.PeftVersion, ours["peft_version"]!.GetValue<string>());
        Assert.Equal(Modules(theirs), Modules(ours));
    }

    [Theory]
    [InlineData("llama/lora", "peft_version")]
    [InlineData("llama/ia3", "peft_version", "_proj\"")] // A Python set of names has no order.
    public void The_configuration_is_the_same_text_line_by_line(string name, params string[] unlike)
    {
        var golden = Path.Combine(GoldenFolder.Root, "models", name);
        using var folder = Rewritten(golden);
        string[] Lines(string path) => [.. File.ReadAllText(Path.Combine(path, "adapter_config.json")).Split('\n').Where(line => !unlike.Any(part => line.Contains(part, StringComparison.Ordinal)))];
        Assert.Equal(Lines(golden), Lines(folder.Path));
    }

    private static TemporaryFolder Rewritten(string name)
    {
        var theirs = AdapterFolder.Open(name, warning => Assert.Fail(warning));
        var layout = LayoutOf(name);
        var folder = new TemporaryFolder();
        var job = new JobSpec
        {
            Name = "golden",
            Model = "",
            Method = theirs.Method,
            Data = new DataSpec { Train = "train.jsonl" },
            Output = new OutputSpec { Folder = folder.Path },
        };
        AdapterExport.Write(folder.Path, job, ModelConfigFile.Load(Path.Combine(Path.GetDirectoryName(name)!, "model")).Task, layout, theirs.Read(layout));
        Assert.Equal(["README.md", "adapter_config.json", "adapter_model.safetensors"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        return folder;
    }

    private static VectorLayout LayoutOf(string folder)
    {
        using var stream = File.OpenRead(Path.Combine(folder, "adapter_model.safetensors"));
        return VectorLayout.Of(SafetensorsHeader.Read(stream, folder).Tensors.Reverse().Select(tensor => (tensor.Name, tensor.Shape, new ParameterGroup())));
    }

    private static JsonObject Config(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json")))!.AsObject();

    // A list has no order; an expression is a text.
    private static string[] Modules(JsonObject config) => !config.ContainsKey("target_modules") ? [] : config["target_modules"] is JsonArray names
        ? [.. names.Select(name => name!.GetValue<string>()).Order(StringComparer.Ordinal)]
        : [config["target_modules"]!.GetValue<string>()];
}
