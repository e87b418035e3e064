using System.Text.Json.Nodes;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Safetensors;
using PeftCluster.Steps.Seam;
using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Native;
using PeftCluster.Training.Source;
using TorchSharp;

namespace PeftCluster.Training.Tests.Source;

/// <summary>A classifier is trained by the same source as a model that writes: a row is a text, and the number of its class.</summary>
public sealed class ClassifierSourceTests
{
    private static readonly MemoryRows Rows = new([.. Enumerable.Range(0, 6).Select(row => (Enumerable.Range(0, 5 + row).Select(token => 10 + row * 3 + token).Append(row % 3).ToArray(), 5 + row))]);

    [Theory]
    [InlineData("bert", "lora")]
    [InlineData("roberta", "lora")]
    [InlineData("bert", "prompt")]
    [InlineData("roberta", "prefix")]
    public async Task The_head_begins_as_the_bases_learns_with_the_adapter_and_is_saved_with_it(string family, string method)
    {
        var prefix = method == "lora" ? "base_model.model." : "base_model.";
        var stop = TestContext.Current.CancellationToken;
        TorchLibrary.Load();
        using var folder = new TemporaryFolder();
        var job = new JobSpec
        {
            Name = "classes",
            Model = Path.Combine(GoldenFolder.Of("extra"), family, "model"),
            Data = new DataSpec { Train = "rows.jsonl" },
            Method = method switch { "lora" => new LoraSpec { R = 2 }, "prompt" => new PromptTuningSpec { NumVirtualTokens = 4 }, _ => new PrefixTuningSpec { NumVirtualTokens = 4 } },
            Output = new OutputSpec { Folder = folder.Path },
        };
        await using var device = new TorchSourceFactory(new ComputeDevice(DeviceType.CPU, 0), 1, Rows);
        await using var source = await device.OpenAsync(SourceRequest.Own(job), stop);
        var layout = (await source.DescribeAsync(stop)).Layout;
        var (adapter, gradient) = (new float[layout.Length], new float[layout.Length]);
        await source.InitialiseAsync(adapter, stop);
        var weights = GoldenTensors.Load(Path.Combine(job.Model, "model.safetensors"));
        var head = layout.Slices.Where(slice => slice.Key.StartsWith($"{prefix}classifier.", StringComparison.Ordinal)).ToArray();
        Assert.All(head, slice => Assert.Equal(weights.Floats(slice.Key[prefix.Length..]), adapter[slice.Offset..(slice.Offset + slice.Length)]));

        var losses = new List<double>();
        for (var step = 0; step < 12; step++)
        {
            var work = new GradientWork(step, new MicroBatch(0, [0, 1, 2, 3, 4, 5], 16, 6, 51), 6);
            losses.Add((await source.GradientAsync(work, adapter, gradient, stop)).LossSum / 6);
            for (var index = 0; index < adapter.Length; index++)
                adapter[index] -= 0.3f * gradient[index];
        }
        // What is classified behind virtual tokens is one of them, which sees little of a text in an untrained model.
        Assert.True(losses[^1] < losses[0] - (method == "prompt" ? 0.005 : 0.3), string.Join(", ", losses));
        Assert.All(head, slice => Assert.Contains(gradient[slice.Offset..(slice.Offset + slice.Length)], number => number != 0));

        await source.ExportAsync(adapter, folder.Path, stop);
        var config = JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!;
        Assert.Equal("[\"classifier\",\"score\"]", config["modules_to_save"]!.ToJsonString());
        Assert.Equal("SEQ_CLS", config["task_type"]!.GetValue<string>());
        Assert.Equal(adapter, AdapterFolder.Open(folder.Path, warning => Assert.Fail(warning)).Read(layout));
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("roberta")]
    public async Task A_base_without_a_head_gets_one_that_is_the_same_everywhere_and_learns(string family)
    {
        var stop = TestContext.Current.CancellationToken;
        TorchLibrary.Load();
        using var folder = new TemporaryFolder();
        var golden = Path.Combine(GoldenFolder.Of("extra"), family, "model");
        File.Copy(Path.Combine(golden, "config.json"), folder.File("config.json"));
        var weights = GoldenTensors.Load(Path.Combine(golden, "model.safetensors"));
        await using (var file = File.Create(folder.File("model.safetensors")))
        {
            SafetensorsWriter.Write(file, [.. weights.Names.Where(name => !name.StartsWith("classifier.", StringComparison.Ordinal))
                .Select(name => SafetensorsTensor.Of(name, weights.Shape(name), weights.Floats(name)))]);
        }
        var job = new JobSpec
        {
            Name = "classes",
            Model = folder.Path,
            Data = new DataSpec { Train = "rows.jsonl" },
            Method = new LoraSpec { R = 2 },
            Output = new OutputSpec { Folder = folder.Path },
        };
        var starts = new List<float[]>();
        for (var worker = 0; worker < 2; worker++)
        {
            await using var device = new TorchSourceFactory(new ComputeDevice(DeviceType.CPU, worker), 1, Rows);
            await using var source = await device.OpenAsync(SourceRequest.Own(job with { Training = job.Training with { Seed = 5 } }), stop);
            var layout = (await source.DescribeAsync(stop)).Layout;
            var (adapter, gradient) = (new float[layout.Length], new float[layout.Length]);
            await source.InitialiseAsync(adapter, stop);
            starts.Add((float[])adapter.Clone());
            await source.GradientAsync(new GradientWork(0, new MicroBatch(0, [0, 1, 2, 3, 4, 5], 16, 6, 51), 6), adapter, gradient, stop);
            foreach (var slice in layout.Slices.Where(slice => slice.Key.StartsWith("base_model.model.classifier.", StringComparison.Ordinal)))
            {
                var (start, change) = (adapter[slice.Offset..(slice.Offset + slice.Length)], gradient[slice.Offset..(slice.Offset + slice.Length)]);
                Assert.Contains(change, number => number != 0);
                var spread = Math.Sqrt(start.Average(number => (double)number * number));
                Assert.InRange(spread, slice.Shape.Count > 1 ? 0.012 : 0, slice.Shape.Count > 1 ? 0.028 : 0);
            }
        }
        Assert.Equal(starts[0], starts[1]);
    }
}
