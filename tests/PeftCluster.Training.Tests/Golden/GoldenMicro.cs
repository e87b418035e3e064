using System.Runtime.InteropServices;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using PeftCluster.Tests;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Source;
using PeftCluster.Training.Tests.Source;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Golden;

/// <summary>A golden model with an adapter that is not at its start, and a micro-batch of made-up rows.</summary>
internal sealed class GoldenMicro : IDisposable
{
    private static readonly MemoryRows Texts = MemoryRows.Seeded(6);
    private static readonly MemoryRows Classes = new([.. Enumerable.Range(0, 6).Select(row => (Enumerable.Range(0, 5 + row).Select(token => 10 + row * 3 + token).Append(row % 3).ToArray(), 5 + row))]);

    private readonly SharedWeights _weights;
    private readonly AdaptedModel _adapted;
    private readonly float[] _adapter;
    private readonly MemoryRows _rows;

    /// <param name="model">FOLDER/MODEL of the golden ones.</param>
    /// <param name="method">The method.</param>
    /// <param name="dtype">The base's number format.</param>
    /// <param name="rounded">A format that the base's weights are rounded to before; null: none.</param>
    /// <param name="noise">NEFTune's α.</param>
    public GoldenMicro(string model, MethodSpec method, BaseDtype dtype = BaseDtype.Float32, ScalarType? rounded = null, double noise = 5)
    {
        _weights = SharedWeights.Of(Folder(model), dtype, default);
        Tensor Weight(string name) => rounded is { } format ? _weights.Store[name].to(format).to(ScalarType.Float32) : _weights.Store[name];
        Plan = AdapterPlan.Of(method, _weights.Config);
        _adapter = new float[Plan.Layout.Length];
        Plan.Initialise(_adapter, 3, Weight);
        for (var index = 0; index < _adapter.Length; index++)
            _adapter[index] += MathF.Sin(index) * 0.05f;
        _rows = _weights.Config.Task == PeftTask.Classification ? Classes : Texts;
        _adapted = new AdaptedModel(_weights.Config, Weight, Plan, seed: 7, noise);
        _adapted.Vector.Load(_adapter);
    }

    public AdapterPlan Plan { get; }

    public IModel Model => _adapted.Model;

    public static string Folder(string model) => Path.Combine(GoldenFolder.Of(model.Split('/')[0]), model.Split('/')[1], "model");

    /// <summary>Loss and gradient.</summary>
    public (double Loss, float[] Gradient) Compute(int shard = 0, int recomputed = 0, int step = 0, float scale = 1, bool packed = false)
    {
        _adapted.Vector.Load(_adapter.Select(value => value * scale).ToArray());
        using var leaf = Leaf(recomputed);
        var result = leaf.Compute(Work(shard, step, packed), default);
        _adapted.Vector.CheckViews();
        var gradient = new float[_adapter.Length];
        _adapted.Vector.CopyGradient(gradient);
        Assert.Contains(gradient, value => value != 0);
        return (result.LossSum, gradient);
    }

    /// <summary>The same as text.</summary>
    public string Bits(int shard, int recomputed, int step = 0, float scale = 1, bool packed = false)
    {
        var (loss, gradient) = Compute(shard, recomputed, step, scale, packed);
        return $"{loss:R} {Convert.ToHexString(MemoryMarshal.AsBytes<float>(gradient))}";
    }

    /// <summary>What the model says at the labelled places of the rows, without dropout and noise.</summary>
    public Tensor Logits()
    {
        using var noGraph = no_grad();
        return Model.Labelled(PromptRows.Of(_rows, [0, 2, 5])).Logits().to(ScalarType.Float32);
    }

    public void GiveUp()
    {
        using var scope = NewDisposeScope();
        using var leaf = Leaf(4);
        _ = leaf.Forward(Work(0, 0), default);
    }

    public void Dispose()
    {
        _adapted.Dispose();
        _weights.Dispose();
    }

    private MicroBatchGradient Leaf(int recomputed) => new(_adapted, _rows, recomputed: _ => recomputed);

    // Rows of 7, 9 and 12 tokens; packed, the first two share one.
    private static GradientWork Work(int shard, int step, bool packed = false) => new(step, new MicroBatch(shard, [0, 2, 5], 16, 20, 40)
    {
        Packing = packed ? [new(0, 0, 7), new(0, 7, 9), new(1, 0, 12)] : null,
    }, 40);
}
