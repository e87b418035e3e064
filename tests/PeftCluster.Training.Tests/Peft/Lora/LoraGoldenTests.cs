using System.Runtime.InteropServices;
using System.Text.Json;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.Lora;

/// <summary>Loss, logits, gradients, merged logits and four AdamW steps of every golden LoRA case, against PEFT.</summary>
public sealed class LoraGoldenTests
{
    public static TheoryData<string> Cases => [.. GoldenFiles.Models.Where(GoldenFiles.IsKnown).SelectMany(Directory.GetDirectories).Where(IsPlainLora)];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Logits_and_loss_agree_with_PEFT(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        var seen = golden.Batch["attention_mask"].to(ScalarType.Float32).unsqueeze(-1);
        var logits = golden.Adapted.Model.Logits(golden.Adapted.Model.Hidden(golden.Batch["input_ids"]));
        GoldenFiles.Close(golden.Expected["logits"] * seen, logits * seen, 1e-5, folder);
        GoldenFiles.Close(golden.Expected["loss"], tensor(new[] { (float)golden.Step() }), 1e-5, folder);
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Gradients_agree_with_PEFT(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        golden.Step();
        var gradient = new float[golden.Plan.Layout.Length];
        golden.Adapted.Vector.CopyGradient(gradient);
        Assert.Equal(golden.Expected.Keys.Count(key => key.StartsWith("grad.", StringComparison.Ordinal)), golden.Plan.Layout.Slices.Count);
        foreach (var slice in golden.Plan.Layout.Slices)
            GoldenFiles.Close(golden.Expected[$"grad.{slice.Key}"], tensor(gradient[slice.Offset..(slice.Offset + slice.Length)], [.. slice.Shape]), 1e-4, slice.Key);
        golden.Adapted.Vector.CheckViews();
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Four_AdamW_steps_agree_with_PEFT(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        var training = new TrainingSpec { LearningRate = 1e-2, WeightDecay = 0.01 };
        var layout = golden.Plan.Layout;
        var optimizer = new AdamW(layout, training);
        var (adapter, gradient, first) = (golden.Adapter.ToArray(), new float[layout.Length], new float[layout.Length]);
        var losses = new float[4];
        for (var step = 0; step < 4; step++)
        {
            golden.Adapted.Vector.Load(adapter);
            losses[step] = (float)golden.Step();
            golden.Adapted.Vector.CopyGradient(gradient);
            if (step == 0)
                gradient.CopyTo(first, 0);
            var correction = (double beta) => 1 - Math.Pow(beta, step + 1);
            optimizer.Apply(new StepScalars(training.LearningRate, correction(training.AdamBeta1), correction(training.AdamBeta2)), gradient, 1, adapter);
        }
        GoldenFiles.Close(golden.Expected["adamw_losses"], tensor(losses), 1e-5, "losses");
        foreach (var slice in layout.Slices)
        {
            // Adam turns a gradient that is only noise into a whole step.
            var noise = first.Skip(slice.Offset).Take(slice.Length).Max(MathF.Abs) * 1e-7f;
            var told = tensor(first[slice.Offset..(slice.Offset + slice.Length)], [.. slice.Shape]).abs().ge(noise).to(ScalarType.Float32);
            GoldenFiles.Close(golden.Expected[$"after.{slice.Key}"] * told, tensor(adapter[slice.Offset..(slice.Offset + slice.Length)], [.. slice.Shape]) * told, 1e-4, slice.Key);
        }
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Merged_weights_give_the_same_logits(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder);
        using var merged = golden.Plan.Merge(name => golden.Weights.Store[name], golden.Adapter);
        var model = golden.Weights.Config.Build(name => merged[name]);
        var seen = golden.Batch["attention_mask"].to(ScalarType.Float32).unsqueeze(-1);
        var logits = model.Logits(model.Hidden(golden.Batch["input_ids"])) * seen;
        GoldenFiles.Close(golden.Expected["logits"] * seen, logits, 1e-4, folder);
        if (golden.Expected.TryGetValue("merged_logits", out var expected))
            GoldenFiles.Close(expected * seen, logits, 1e-4, folder);
        foreach (var (name, weight) in golden.Expected.Where(pair => pair.Key.StartsWith("merged.", StringComparison.Ordinal)))
            GoldenFiles.Close(weight, merged[name["merged.".Length..]], 1e-4, name);
    });

    // What the LoRA of job.yaml can say; PEFT's configuration has many more options, and none of them may be on.
    private static bool IsPlainLora(string folder)
    {
        var file = Path.Combine(folder, "adapter_config.json");
        if (!File.Exists(file))
            return false;
        var config = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
        string[] off = ["use_dora", "alpha_pattern", "rank_pattern", "bias", "exclude_modules", "layers_to_transform", "modules_to_save", "trainable_token_indices", "lora_bias"];
        return config.TryGetProperty("peft_type", out var type) && type.GetString() == "LORA"
            && GoldenFiles.Has(Path.GetDirectoryName(folder)!, "logits")
            && GoldenFiles.Has(folder, "adamw_losses")
            && config.GetProperty("target_modules").ValueKind == JsonValueKind.Array
            && !config.GetProperty("target_modules").EnumerateArray().Any(name => name.GetString() is "embed_tokens" or "lm_head")
            && config.GetProperty("init_lora_weights").ValueKind == JsonValueKind.True
            && off.All(key => !config.TryGetProperty(key, out var value) || value.GetRawText() is "null" or "false" or "{}" or "\"none\"");
    }
}

/// <summary>One adapter of PEFT's on its model, ready to compute the golden batch.</summary>
internal sealed class GoldenCase : IDisposable
{
    public GoldenCase(string folder)
    {
        var model = Path.GetDirectoryName(folder)!;
        Batch = GoldenFiles.Read(model, "expected.safetensors");
        Expected = GoldenFiles.Read(folder, "expected.safetensors");
        Weights = SharedWeights.Of(Path.Combine(model, "model"), CancellationToken.None);
        Plan = AdapterPlan.Of(Spec(Path.Combine(folder, "adapter_config.json")), Weights.Config);
        Adapter = Pack(GoldenFiles.Read(folder, "adapter_model.safetensors"));
        Adapted = new AdaptedModel(Weights.Config, name => Weights.Store[name], Plan);
        Adapted.Vector.Load(Adapter);
    }

    public Dictionary<string, Tensor> Batch { get; }

    public Dictionary<string, Tensor> Expected { get; }

    public SharedWeights Weights { get; }

    public AdapterPlan Plan { get; }

    /// <summary>The adapter file as one vector.</summary>
    public float[] Adapter { get; }

    public AdaptedModel Adapted { get; }

    /// <summary>Forward and backward over the golden batch; returns its mean loss.</summary>
    public double Step()
    {
        var places = new LabelledPlaces();
        var (ids, labels) = (Batch["input_ids"], Batch["labels"]);
        var length = (int)ids.shape[1];
        for (var row = 0; row < ids.shape[0]; row++)
        {
            var label = labels[row].data<long>().ToArray();
            var prompt = Array.FindIndex(label, id => id != -100);
            var end = Array.FindLastIndex(label, id => id != -100) + 1;
            places.Add(ids[row].data<long>().ToArray().Take(end).Select(id => (int)id).ToArray(), prompt, length);
        }
        Adapted.Vector.ClearGradient();
        var hidden = places.Select(Adapted.Model.Hidden(ids));
        using var workspace = new HeadWorkspace();
        var losses = HeadLoss.WithGradient(hidden, Adapted.Model.Head, places.Targets(), places.Count, workspace, out var gradient);
        hidden.backward([gradient]);
        return places.SumRows(losses).Sum() / places.Count;
    }

    public void Dispose()
    {
        Adapted.Dispose();
        Weights.Dispose();
    }

    private float[] Pack(Dictionary<string, Tensor> tensors)
    {
        var vector = new float[Plan.Layout.Length];
        Assert.Equal(tensors.Count, Plan.Layout.Slices.Count);
        foreach (var slice in Plan.Layout.Slices)
            MemoryMarshal.Cast<byte, float>(tensors[slice.Key].bytes).CopyTo(vector.AsSpan(slice.Offset, slice.Length));
        return vector;
    }

    private static LoraSpec Spec(string file)
    {
        var config = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
        return new LoraSpec
        {
            R = config.GetProperty("r").GetInt32(),
            LoraAlpha = config.GetProperty("lora_alpha").GetDouble(),
            UseRslora = config.GetProperty("use_rslora").GetBoolean(),
            TargetModules = [.. config.GetProperty("target_modules").EnumerateArray().Select(name => name.GetString()!)],
        };
    }
}
