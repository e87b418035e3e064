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
        Expected = GoldenFiles.Read(folder, "expected.safetensors");
        Weights = SharedWeights.Of(Path.Combine(model, "model"), CancellationToken.None);
        Batch = new GoldenBatch(GoldenFiles.Read(model, "expected.safetensors"), Weights.Config);
        Plan = AdapterPlan.Of(AdapterFolder.Open(folder, warning => Assert.Fail(warning)).Method, Weights.Config);
        Adapter = Pack(GoldenFiles.Read(folder, "adapter_model.safetensors"));
        Adapted = new AdaptedModel(Weights.Config, name => Weights.Store[name], Plan);
        Adapted.Vector.Load(Adapter);
    }

    public GoldenBatch Batch { get; }

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
        Adapted.Vector.ClearGradient();
        var (states, places, head) = Batch.Labelled(Adapted.Model);
        using var workspace = new HeadWorkspace();
        var losses = HeadLoss.WithGradient(states, head, places.Targets(), places.Count, workspace, out var gradient);
        states.backward([gradient]);
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
}
