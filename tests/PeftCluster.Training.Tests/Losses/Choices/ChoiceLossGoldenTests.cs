using System.Runtime.InteropServices;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;
using PeftCluster.Tests;
using PeftCluster.Training.AdapterFiles;
using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Losses.Choices;
using PeftCluster.Training.Models;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using PeftCluster.Training.Tests.Peft;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Losses.Choices;

/// <summary>T-Few's losses, ranks and gradients on an ia3 adapter, against what PyTorch makes of transformers' T5 under PEFT.</summary>
public sealed class ChoiceLossGoldenTests
{
    /// <summary>Models with such a case.</summary>
    public static TheoryData<string> Cases => [.. GoldenFiles.Models.Where(folder => File.Exists(Path.Combine(folder, "t-few.safetensors")))];

    [Fact]
    public void The_committed_case_is_among_them() => Assert.Contains(GoldenFolder.Of("models", "t5-v1_1"), Cases.Select(row => row.Data));

    [Theory, MemberData(nameof(Cases))]
    public Task Log_probabilities_and_ranks_agree(string folder) => OnDevice.Run(() =>
    {
        using var golden = new TFewCase(folder);
        using var noGraph = no_grad();
        var scores = ChoiceLogProbabilities.Of(golden.Rows, golden.Model.Labelled(golden.Rows));
        GoldenFiles.Close(golden.Expected["sum_logprob"], Table(scores, scores.Sum), 1e-5, "sum");
        GoldenFiles.Close(golden.Expected["mean_logprob"], Table(scores, scores.Mean), 1e-5, "mean");
        Assert.Equal(golden.Whole("rank_by_sum"), RankClassification.Answers(scores, RankBy.Sum));
        Assert.Equal(golden.Whole("rank_by_mean"), RankClassification.Answers(scores, RankBy.Mean));
    });

    [Theory, MemberData(nameof(Cases))]
    public Task All_losses_agree(string folder) => OnDevice.Run(() =>
    {
        using var golden = new TFewCase(folder);
        var losses = golden.Step(new ChoiceLossSpec(), golden.Rows.Counts);
        golden.Close("lm_loss", losses.LanguageModel);
        golden.Close("unlikelihood_loss_eps", losses.Unlikelihood);
        golden.Close("length_normalised_loss", losses.LengthNormalised);
        golden.Close("total", losses.Total(new ChoiceLossSpec()));
        golden.Close("unlikelihood_loss_paper", golden.Step(new ChoiceLossSpec { UnlikelihoodForm = UnlikelihoodForm.Paper }, golden.Rows.Counts).Unlikelihood);
    });

    [Theory, MemberData(nameof(Cases))]
    public Task Gradients_agree(string folder) => OnDevice.Run(() =>
    {
        using var golden = new TFewCase(folder);
        golden.Step(new ChoiceLossSpec(), golden.Rows.Counts);
        golden.GradientsAgree();
    });

    [Theory, MemberData(nameof(Cases))]
    public Task Micro_batches_of_one_example_add_to_the_same_gradient(string folder) => OnDevice.Run(() =>
    {
        using var golden = new TFewCase(folder);
        foreach (var example in golden.Rows.Examples)
            golden.Add(new ChoiceRows([example]), new ChoiceLossSpec(), golden.Rows.Counts);
        golden.GradientsAgree();
    });

    [Theory, MemberData(nameof(Cases))]
    public Task Layers_that_are_computed_again_give_the_same_gradient(string folder) => OnDevice.Run(() =>
    {
        using var golden = new TFewCase(folder);
        golden.Add(golden.Rows, new ChoiceLossSpec(), golden.Rows.Counts, recomputed: 100);
        golden.GradientsAgree();
    });

    private static Tensor Table(ChoiceLogProbabilities scores, Func<int, int, double> score) =>
        stack(scores.Rows.Examples.Select((example, number) => tensor(example.Choices.Select((_, choice) => (float)score(number, choice)).ToArray())));

    /// <summary>One case, its model and its adapter.</summary>
    private sealed class TFewCase : IDisposable
    {
        private readonly SharedWeights _weights;
        private readonly AdapterPlan _plan;
        private readonly AdaptedModel _adapted;

        public TFewCase(string folder)
        {
            Expected = GoldenFiles.Read(folder, "t-few.safetensors");
            _weights = SharedWeights.Of(Path.Combine(folder, "model"), CancellationToken.None);
            var adapter = GoldenFiles.Read(folder, "ia3", "adapter_model.safetensors");
            _plan = AdapterPlan.Of(AdapterFolder.Open(Path.Combine(folder, "ia3"), warning => Assert.Fail(warning)).Method, _weights.Config);
            _adapted = new AdaptedModel(_weights.Config, name => _weights.Store[name], _plan);
            var vector = new float[_plan.Layout.Length];
            foreach (var slice in _plan.Layout.Slices)
                MemoryMarshal.Cast<byte, float>(adapter[slice.Key].bytes).CopyTo(vector.AsSpan(slice.Offset, slice.Length));
            _adapted.Vector.Load(vector);
            _adapted.Vector.ClearGradient();
            var correct = Whole("correct");
            Rows = new ChoiceRows([.. correct.Select((right, row) => new ChoiceExample(Real(Expected["input_ids"][row]), Choices(Expected["choices"][row]), right))]);
        }

        public Dictionary<string, Tensor> Expected { get; }

        public ChoiceRows Rows { get; }

        public ILanguageModel Model => (ILanguageModel)_adapted.Model;

        public int[] Whole(string name) => [.. Expected[name].data<long>().Select(value => (int)value)];

        public ChoiceLosses Step(ChoiceLossSpec objective, ChoiceCounts counts) => Add(Rows, objective, counts).Over(counts);

        public ChoiceLosses Add(ChoiceRows rows, ChoiceLossSpec objective, ChoiceCounts counts, int recomputed = 0)
        {
            var batch = new MicroBatch(0, [.. Enumerable.Range(0, rows.Examples.Count)], 16, 0, 0);
            var states = _adapted.Train(0, batch, recomputed, model => ((ILanguageModel)model).Labelled(rows));
            using var workspace = new HeadWorkspace();
            var losses = ChoiceLoss.WithGradient(rows, states, objective, counts, workspace, out var gradient);
            _adapted.Backward(0, batch, states.States_MD, gradient);
            return losses;
        }

        public void Close(string name, double actual) => GoldenFiles.Close(Expected[name], tensor(new[] { (float)actual }), 1e-5, name);

        public void GradientsAgree()
        {
            var gradient = new float[_plan.Layout.Length];
            _adapted.Vector.CopyGradient(gradient);
            Assert.Equal(Expected.Keys.Count(key => key.StartsWith("grad.", StringComparison.Ordinal)), _plan.Layout.Slices.Count);
            foreach (var slice in _plan.Layout.Slices)
                GoldenFiles.Close(Expected[$"grad.{slice.Key}"], GoldenCase.Of(slice, gradient), 1e-4, slice.Key);
        }

        public void Dispose()
        {
            _adapted.Dispose();
            _weights.Dispose();
        }

        // 0 is padding in these files.
        private static int[] Real(Tensor ids) => [.. ids.data<long>().Where(id => id != 0).Select(id => (int)id)];

        private static int[][] Choices(Tensor choices) => [.. Enumerable.Range(0, (int)choices.shape[0]).Select(choice => Real(choices[choice]))];
    }
}
