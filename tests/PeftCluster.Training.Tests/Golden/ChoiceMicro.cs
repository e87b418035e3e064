using System.Runtime.InteropServices;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Source;
using PeftCluster.Training.Tests.Source;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Golden;

/// <summary>A golden model with an adapter that is not at its start, and micro-batches of rows with answer choices.</summary>
internal sealed class ChoiceMicro : IDisposable
{
    private readonly SharedWeights _weights;
    private readonly AdaptedModel _adapted;
    private readonly MemoryChoices _rows;

    private ChoiceMicro(SharedWeights weights, MethodSpec method, MemoryChoices rows, double noise)
    {
        (_weights, _rows) = (weights, rows);
        Plan = AdapterPlan.Of(method, weights.Config);
        _adapted = new AdaptedModel(weights.Config, name => weights.Store[name], Plan, seed: 7, noise);
    }

    public AdapterPlan Plan { get; }

    /// <summary>Made-up rows and a made-up adapter.</summary>
    /// <param name="model">FOLDER/MODEL of the golden ones.</param>
    /// <param name="method">The method.</param>
    /// <param name="noise">NEFTune's α.</param>
    public static ChoiceMicro Of(string model, MethodSpec method, double noise = 0)
    {
        var weights = SharedWeights.Of(GoldenMicro.Folder(model), default);
        var micro = new ChoiceMicro(weights, method, MemoryChoices.Seeded(6), noise);
        var vector = new float[micro.Plan.Layout.Length];
        micro.Plan.Initialise(vector, 3, name => weights.Store[name]);
        for (var index = 0; index < vector.Length; index++)
            vector[index] += MathF.Sin(index) * 0.05f;
        micro._adapted.Vector.Load(vector);
        return micro;
    }

    /// <summary>A golden t-few.safetensors: its rows, on the adapter beside it.</summary>
    public static ChoiceMicro OfGolden(string folder, Dictionary<string, Tensor> expected)
    {
        var weights = SharedWeights.Of(Path.Combine(folder, "model"), default);
        var adapter = AdapterFolder.Open(Path.Combine(folder, "ia3"), Assert.Fail);
        var correct = expected["correct"].data<long>().ToArray();
        var rows = new MemoryChoices([.. correct.Select((right, row) => new ChoiceExample(
            Real(expected["input_ids"][row]), [.. Enumerable.Range(0, (int)expected["choices"].shape[1]).Select(choice => Real(expected["choices"][row][choice]))], (int)right))]);
        var micro = new ChoiceMicro(weights, adapter.Method, rows, noise: 0);
        micro._adapted.Vector.Load(adapter.Read(micro.Plan.Layout));
        return micro;
    }

    /// <summary>What a micro-batch gives of a step that all rows are in.</summary>
    public (LeafResult Result, float[] Gradient) Compute(int[] rows, ChoiceLossSpec? losses = null, int recomputed = 0, int step = 0, bool grouped = false)
    {
        using var leaf = new MicroBatchGradient(_adapted, _rows, recomputed: _ => recomputed, choiceLoss: losses);
        var result = leaf.Compute(new GradientWork(step, Batch(rows, grouped), 1, Counts), default);
        _adapted.Vector.CheckViews();
        return (result, Gradient());
    }

    /// <summary>The same as text.</summary>
    public string Bits(int[] rows, int recomputed = 0, int step = 0)
    {
        var (result, gradient) = Compute(rows, recomputed: recomputed, step: step);
        return $"{result} {Convert.ToHexString(MemoryMarshal.AsBytes<float>(gradient))}";
    }

    /// <summary>The gradient of the step by autograd, each choice alone in a pass of its own and the losses as the paper writes them.</summary>
    public float[] Autograd(ChoiceLossSpec losses)
    {
        _adapted.Vector.ClearGradient();
        var (right, wrong, orders) = (new List<Tensor>(), new List<Tensor>(), new List<Tensor>());
        foreach (var example in ChoiceRows.Of(_rows, [.. Enumerable.Range(0, _rows.Count)]).Examples)
        {
            Tensor[] tokens = [.. example.Choices.Select(choice => Alone([.. example.Prompt, .. choice], example.Prompt.Length))];
            right.Add(tokens[example.Correct]);
            wrong.AddRange(tokens.Where((_, choice) => choice != example.Correct));
            orders.Add(-stack(tokens.Select(one => one.mean())).log_softmax(0)[example.Correct]);
        }
        var total = -cat(right).mean() * losses.LanguageModel - (1 - cat(wrong).exp() + 0.01).log().mean() * losses.Unlikelihood + stack(orders).mean() * losses.LengthNormalised;
        total.backward();
        return Gradient();
    }

    public void Dispose()
    {
        _adapted.Dispose();
        _weights.Dispose();
    }

    public ChoiceCounts Counts => ChoiceRows.Of(_rows, [.. Enumerable.Range(0, _rows.Count)]).Counts;

    private MicroBatch Batch(int[] rows, bool grouped) => new(
        0, rows, PaddedLength.Of(rows.Length == 0 ? 0 : rows.Max(_rows.Length)) + (grouped ? 16 : 0), rows.Sum(_rows.Labels), rows.Sum(_rows.Length))
    { WrongLabels = rows.Sum(_rows.WrongLabels) };

    private Tensor Alone(int[] row, int prompt)
    {
        var logits = _adapted.Model.Labelled(new PromptRows(1, _ => row, _ => prompt)).Logits();
        return logits.log_softmax(1).gather(1, tensor(row[prompt..].Select(id => (long)id).ToArray()).unsqueeze(1)).squeeze(1);
    }

    private float[] Gradient()
    {
        var gradient = new float[Plan.Layout.Length];
        _adapted.Vector.CopyGradient(gradient);
        return gradient;
    }

    // 0 is padding in these files.
    private static int[] Real(Tensor ids) => [.. ids.data<long>().Where(id => id != 0).Select(id => (int)id)];
}
