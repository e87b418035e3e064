using System.Globalization;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Source;
using PeftCluster.Training.Tests.Golden;
using PeftCluster.Training.Tests.Peft;
using PeftCluster.Training.Tests.Source;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Models;

/// <summary>Packed rows against what transformers and PEFT give for the samples alone.</summary>
public sealed class PackingGoldenTests
{
    public static TheoryData<string> Cases => [.. GoldenFiles.Models.Select(model => Path.Combine(model, "packing")).Where(Directory.Exists)];

    [Fact]
    public void The_committed_cases_are_there() => Assert.Contains(Cases, found => found.Data.EndsWith(Path.Combine("gemma2", "packing"), StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Packed_and_alone_give_the_losses_and_the_summed_gradient(string folder) => OnDevice.Run(() =>
    {
        using var golden = new Samples(folder);

        foreach (var (result, gradient) in new[] { golden.Packed(), golden.Alone() })
        {
            Assert.Equal(golden.Expected["loss_sum"].item<float>(), result.LossSum, 1e-4);
            Assert.Equal(golden.Expected["tokens"].item<long>(), result.Labels);
            foreach (var slice in golden.Plan.Layout.Slices)
                GoldenFiles.Close(golden.Expected[$"grad_of_sum.{slice.Key}"], GoldenCase.Of(slice, gradient), 1e-5, slice.Key);
        }
    });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task The_logits_of_each_sample_are_those_that_it_has_alone(string folder) => OnDevice.Run(() =>
    {
        using var golden = new Samples(folder);
        using var noGraph = no_grad();
        var rows = golden.Model.Begin(PromptRows.Of(golden.Rows, golden.Batch));

        var logits_BTV = golden.Model.Head.Logits(rows.Hidden(null, default));

        for (var sample = 0; sample < golden.Rows.Count; sample++)
        {
            var (row, start, length) = golden.Batch.Packing![sample];
            GoldenFiles.Close(golden.Of(sample, "logits"), logits_BTV.narrow(0, row, 1).narrow(1, start, length), 1e-5, $"sample {sample}");
        }
    });

    /// <summary>A case: its samples as rows, and its packed row as a micro-batch.</summary>
    private sealed class Samples : IDisposable
    {
        private readonly SharedWeights _weights;
        private readonly AdaptedModel _adapted;

        public Samples(string folder)
        {
            Expected = GoldenFiles.Read(folder, "expected.safetensors");
            _weights = SharedWeights.Of(Path.Combine(folder, "..", "model"), default);
            Plan = AdapterPlan.Of(AdapterFolder.Open(folder, warning => Assert.Fail(warning)).Method, _weights.Config);
            _adapted = new AdaptedModel(_weights.Config, name => _weights.Store[name], Plan);
            var adapter = new float[Plan.Layout.Length];
            var file = GoldenFiles.Read(Path.Combine(folder, "adapter_model.safetensors"));
            foreach (var slice in Plan.Layout.Slices)
                file[slice.Key].data<float>().ToArray().CopyTo(adapter, slice.Offset);
            _adapted.Vector.Load(adapter);

            var count = Expected.Keys.Count(key => key.StartsWith("sample", StringComparison.Ordinal) && key.EndsWith(".input_ids", StringComparison.Ordinal));
            Rows = new MemoryRows([.. Enumerable.Range(0, count).Select(sample => (Ids(Of(sample, "input_ids")), Array.FindIndex(Ids(Of(sample, "labels")), id => id != -100)))]);
            var all = Ids(Expected["packed.input_ids"]);
            var places = new List<PackedPlace>();
            for (var (sample, start) = (0, 0); sample < count; start += Rows.Length(sample++))
            {
                Assert.Equal(Rows.Tokens(sample).ToArray(), all[start..(start + Rows.Length(sample))]);
                places.Add(new PackedPlace(0, start, Rows.Length(sample)));
            }
            Batch = new MicroBatch(0, [.. Enumerable.Range(0, count)], PaddedLength.Of(all.Length), 0, all.Length) { Packing = places };
        }

        public Dictionary<string, Tensor> Expected { get; }

        public AdapterPlan Plan { get; }

        public MemoryRows Rows { get; }

        public MicroBatch Batch { get; }

        public ILanguageModel Model => (ILanguageModel)_adapted.Model;

        public Tensor Of(int sample, string name) => Expected[string.Create(CultureInfo.InvariantCulture, $"sample{sample}.{name}")];

        public (LeafResult Result, float[] Gradient) Packed() => Compute(Batch);

        public (LeafResult Result, float[] Gradient) Alone() => Compute(Batch with { Packing = null, PaddedLength = 16 });

        public void Dispose()
        {
            _adapted.Dispose();
            _weights.Dispose();
        }

        private (LeafResult Result, float[] Gradient) Compute(MicroBatch batch)
        {
            using var leaf = new MicroBatchGradient(_adapted, Rows);
            var result = leaf.Compute(new GradientWork(0, batch, 1), default);
            var gradient = new float[Plan.Layout.Length];
            _adapted.Vector.CopyGradient(gradient);
            return (result, gradient);
        }

        private static int[] Ids(Tensor ids) => [.. ids.data<long>().Select(id => (int)id)];
    }
}
