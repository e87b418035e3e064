using System.Runtime.InteropServices;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>One adapter of PEFT's on its model, ready to compute the golden batch.</summary>
internal sealed class GoldenCase : IDisposable
{
    public GoldenCase(string folder)
    {
        var model = Path.GetDirectoryName(folder)!;
        Batch = GoldenFiles.Read(model, "expected.safetensors");
        Expected = GoldenFiles.Read(folder, "expected.safetensors");
        Weights = SharedWeights.Of(Path.Combine(model, "model"), CancellationToken.None);
        Plan = AdapterPlan.Of(AdapterFolder.Open(folder, warning => Assert.Fail(warning)).Method, Weights.Config);
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

    /// <summary>The expected gradient of a tensor. DoRA's is under its parameter's name in PEFT, which has one part more than its key.</summary>
    public Tensor Gradient(string key) => Expected.GetValueOrDefault($"grad.{key}") ?? Expected[$"grad.{key}.weight"];

    /// <summary>Forward and backward over the golden batch; returns its mean loss.</summary>
    public double Step()
    {
        var places = PlacesOf(Batch);
        Adapted.Vector.ClearGradient();
        var hidden = places.Select(Adapted.Model.Hidden(Batch["input_ids"]));
        using var workspace = new HeadWorkspace();
        var losses = HeadLoss.WithGradient(hidden, Adapted.Model.Head, places.Targets(), places.Count, workspace, out var gradient);
        hidden.backward([gradient]);
        return places.SumRows(losses).Sum() / places.Count;
    }

    /// <summary>Where a golden batch has labels.</summary>
    public static LabelledPlaces PlacesOf(Dictionary<string, Tensor> batch)
    {
        var places = new LabelledPlaces();
        var (ids, labels) = (batch["input_ids"], batch["labels"]);
        var length = (int)ids.shape[1];
        for (var row = 0; row < ids.shape[0]; row++)
        {
            var label = labels[row].data<long>().ToArray();
            var prompt = Array.FindIndex(label, id => id != -100);
            var end = Array.FindLastIndex(label, id => id != -100) + 1;
            places.Add(ids[row].data<long>().ToArray().Take(end).Select(id => (int)id).ToArray(), prompt, length);
        }
        return places;
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
}
