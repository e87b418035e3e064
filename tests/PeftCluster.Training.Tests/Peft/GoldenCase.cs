using System.Runtime.InteropServices;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Layout;
using PeftCluster.Steps.Optimizers;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using PeftCluster.Training.Tests.Peft.Lora;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft;

/// <summary>One adapter of PEFT's on its model, ready to compute the golden batch.</summary>
internal sealed class GoldenCase : IDisposable
{
    /// <param name="folder">The case.</param>
    /// <param name="encoder">Train the encoder that the file lacks, from where PEFT's four steps ended.</param>
    /// <param name="dtype">The base's number format.</param>
    /// <param name="change">Changes what config.json says.</param>
    public GoldenCase(string folder, bool encoder = false, BaseDtype dtype = BaseDtype.Float32, Func<ModelConfig, ModelConfig>? change = null)
    {
        var model = Path.GetDirectoryName(folder)!;
        Expected = GoldenFiles.Read(folder, "expected.safetensors");
        Weights = SharedWeights.Of(Path.Combine(model, "model"), dtype, CancellationToken.None);
        Batch = new GoldenBatch(GoldenFiles.Read(GoldenFiles.Has(model, "input_ids") ? model : Path.Combine(model, "..", "llama"), "expected.safetensors"), Weights.Config);
        var method = AdapterFolder.Open(folder, warning => Assert.Fail(warning)).Method;
        (method, LearningRate) = LoraPlus.Of(method, folder);
        File = GoldenFiles.Read(Directory.GetFiles(folder, "adapter*.safetensors").Single());
        Plan = AdapterPlan.Of(encoder ? (PromptSpec)method with { IsFinished = false } : method, Weights.Config);
        Adapter = Pack(encoder ? Expected.Where(pair => pair.Key.StartsWith("param.", StringComparison.Ordinal)).ToDictionary(pair => pair.Key["param.".Length..], pair => pair.Value) : File);
        Adapted = new AdaptedModel(change?.Invoke(Weights.Config) ?? Weights.Config, name => Weights.Store[name], Plan);
        Adapted.Vector.Load(Adapter);
    }

    /// <summary>A case without an adapter file: the method starts as it does.</summary>
    /// <param name="folder">What is expected.</param>
    /// <param name="method">The method.</param>
    /// <param name="modelFolder">The model's folder; null: the one above.</param>
    public GoldenCase(string folder, MethodSpec method, string? modelFolder = null)
    {
        var model = modelFolder ?? Path.GetDirectoryName(folder)!;
        (Expected, File) = (GoldenFiles.Read(folder, "expected.safetensors"), []);
        Weights = SharedWeights.Of(Path.Combine(model, "model"), CancellationToken.None);
        Batch = new GoldenBatch(GoldenFiles.Read(model, "expected.safetensors"), Weights.Config);
        Plan = AdapterPlan.Of(method, Weights.Config);
        Adapter = new float[Plan.Layout.Length];
        Plan.Initialise(Adapter, 0, name => Weights.Store[name]);
        Adapted = new AdaptedModel(Weights.Config, name => Weights.Store[name], Plan);
        Adapted.Vector.Load(Adapter);
    }

    /// <summary>The rate of the four steps.</summary>
    public double LearningRate { get; } = 1e-2;

    public GoldenBatch Batch { get; }

    public Dictionary<string, Tensor> Expected { get; }

    public SharedWeights Weights { get; }

    /// <summary>The adapter file.</summary>
    public Dictionary<string, Tensor> File { get; }

    public AdapterPlan Plan { get; }

    /// <summary>The adapter file, or the encoder, as one vector.</summary>
    public float[] Adapter { get; }

    public AdaptedModel Adapted { get; }

    /// <summary>Logits of the batch, where PEFT gives them with those of virtual tokens before, and zeros where the batch is padded.</summary>
    public Tensor Logits()
    {
        if (Adapted.Model is not Decoder decoder)
            return Batch.Logits(Adapted.Model) * Batch.Seen;
        var length = Expected["logits"].shape[1];
        return decoder.Logits(decoder.HiddenOfAll(decoder.Begin(Batch.Rows).Ids(), null, Batch.Lengths, null, default).narrow(1, 0, length)) * Seen(length);
    }

    /// <summary>PEFT's logits, with zeros at the same places.</summary>
    public Tensor ExpectedLogits() => Expected["logits"] * (Adapted.Model is Decoder ? Seen(Expected["logits"].shape[1]) : Batch.Seen);

    /// <summary>The expected gradient of a tensor. DoRA's and a prompt's are under their parameters' names in PEFT, which are not their keys.</summary>
    public Tensor Gradient(string key) => key == "prompt_embeddings"
        ? Expected["grad.prompt_encoder.embedding.weight"]
        : Expected.GetValueOrDefault($"grad.{key}") ?? Expected[$"grad.{key}.weight"];

    /// <summary>Forward and backward over the golden batch; returns its mean loss.</summary>
    public double Step()
    {
        Adapted.Vector.ClearGradient();
        var (states, places, head) = Batch.Labelled(Adapted.Model);
        using var workspace = new HeadWorkspace();
        var losses = HeadLoss.WithGradient(states, head, places.Targets(), places.Count, workspace, out var gradient);
        states.backward([gradient]);
        return places.SumRows(losses).Sum() / places.Count + Adapted.AddAdapterLoss();
    }

    /// <summary>Four AdamW steps.</summary>
    /// <param name="adapter">Where they start; becomes where they end.</param>
    /// <returns>Each step's loss, and the first one's gradient.</returns>
    public (float[] Losses, float[] Gradient) Train(float[] adapter)
    {
        var training = new TrainingSpec { LearningRate = LearningRate, WeightDecay = 0.01 };
        var optimizer = new AdamW(Plan.Layout, training);
        var (gradient, first, losses) = (new float[adapter.Length], new float[adapter.Length], new float[4]);
        for (var step = 0; step < 4; step++)
        {
            using var scope = NewDisposeScope();
            Adapted.Vector.Load(adapter);
            losses[step] = (float)Step();
            Adapted.Vector.CopyGradient(gradient);
            if (step == 0)
            {
                gradient.CopyTo(first, 0);
                TakeTheirNoise(gradient);
            }
            var correction = (double beta) => 1 - Math.Pow(beta, step + 1);
            optimizer.Apply(new StepScalars(training.LearningRate, correction(training.AdamBeta1), correction(training.AdamBeta2)), gradient, 1, adapter);
        }
        return (losses, first);
    }

    /// <summary>A slice of a vector as a tensor.</summary>
    public static Tensor Of(VectorSlice slice, float[] vector) => tensor(vector[slice.Offset..(slice.Offset + slice.Length)], [.. slice.Shape]);

    public void Dispose()
    {
        Adapted.Dispose();
        Weights.Dispose();
    }

    private Tensor Seen(long length)
    {
        var seen = Batch.Seen;
        return cat([ones(seen.shape[0], length - seen.shape[1], 1), seen], 1);
    }

    private float[] Pack(Dictionary<string, Tensor> tensors)
    {
        var vector = new float[Plan.Layout.Length];
        // A file with an adapted embedding holds the base's own too.
        Assert.Equal(tensors.Keys.Where(key => !key.EndsWith(".base_layer.weight", StringComparison.Ordinal)).Except(Plan.Frozen.Slices.Select(slice => slice.Key)).Order(StringComparer.Ordinal), Plan.Layout.Slices.Select(slice => slice.Key).Order(StringComparer.Ordinal));
        foreach (var slice in Plan.Layout.Slices)
            MemoryMarshal.Cast<byte, float>(tensors[slice.Key].bytes).CopyTo(vector.AsSpan(slice.Offset, slice.Length));
        return vector;
    }

    // Adam turns any number into a whole step, and a gradient of some millionths of the tensor's largest is float32's rounding of larger
    // ones: another kernel has another one there, and the steps that follow are another way. So that number is theirs.
    private void TakeTheirNoise(float[] gradient)
    {
        foreach (var slice in Plan.Layout.Slices)
        {
            var theirs = Gradient(slice.Key).data<float>().ToArray();
            var noise = theirs.Max(MathF.Abs) * 1e-5f;
            for (var index = 0; index < theirs.Length; index++)
            {
                if (MathF.Abs(theirs[index]) < noise)
                    gradient[slice.Offset + index] = theirs[index];
            }
        }
    }
}
