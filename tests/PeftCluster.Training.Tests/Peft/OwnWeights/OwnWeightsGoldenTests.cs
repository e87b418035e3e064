using PeftCluster.Jobs;
using PeftCluster.Jobs.Spec;
using PeftCluster.Tests;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Peft.OwnWeights;

/// <summary>BitFit against PyTorch's numbers, and full fine-tuning against the loss written out in torch.</summary>
public sealed class OwnWeightsGoldenTests
{
    public static TheoryData<string> Models => [.. GoldenFiles.Models.Where(GoldenFiles.IsKnown).Where(folder => GoldenFiles.Has(folder, "loss"))];

    [Fact]
    public Task BitFit_agrees_in_loss_gradients_and_four_steps() => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(Path.Combine(GoldenFolder.Of("extra"), "gpt2", "bitfit"), new BitFitSpec());
        GoldenFiles.Close(golden.ExpectedLogits(), golden.Logits(), 1e-5, "logits");
        var adapter = golden.Adapter.ToArray();
        var (losses, gradient) = golden.Train(adapter);
        GoldenFiles.Close(golden.Expected["adamw_losses"], tensor(losses), 1e-5, "losses");
        Assert.Equal(golden.Expected.Keys.Count(key => key.StartsWith("grad.", StringComparison.Ordinal)), golden.Plan.Layout.Slices.Count);
        foreach (var slice in golden.Plan.Layout.Slices)
        {
            var (theirs, ours) = (golden.Expected[$"grad.{slice.Key}"], GoldenCase.Of(slice, gradient));
            GoldenFiles.Close(theirs, ours, 1e-4, slice.Key);
            // A key's bias has no gradient, mathematically; Adam turns its noise into whole steps.
            var told = theirs.abs().ge(theirs.abs().max() * 1e-5).to(ScalarType.Float32);
            GoldenFiles.Close(golden.Expected[$"after.{slice.Key}"] * told, GoldenCase.Of(slice, adapter) * told, 1e-4, slice.Key);
        }
        using var merged = golden.Plan.Merge(name => golden.Weights.Store[name], adapter);
        var model = golden.Weights.Config.Build(name => merged[name]);
        GoldenFiles.Close(golden.Expected["after_logits"] * golden.Batch.Seen, golden.Batch.Logits(model) * golden.Batch.Seen, 1e-4, "after");
    });

    [Theory]
    [MemberData(nameof(Models))]
    public Task Every_weight_has_the_gradient_of_the_loss_written_out(string folder) => OnDevice.Run(() =>
    {
        using var golden = new GoldenCase(folder, new FullSpec(), folder);
        var leaves = golden.Weights.Config.Weights.Keys.ToDictionary(name => name, name => golden.Weights.Store[name].clone().requires_grad_(), StringComparer.Ordinal);
        var labelled = golden.Batch.Labelled(golden.Weights.Config.Build(name => leaves[name]));
        var loss = nn.functional.cross_entropy(labelled.Logits(), labelled.Places.Targets());
        loss.backward();
        GoldenFiles.Close(golden.Expected["loss"], loss.reshape(1), 1e-5, folder);
        GoldenFiles.Close(golden.Expected["loss"], tensor(new[] { (float)golden.Step() }), 1e-5, folder);
        Assert.Equal(leaves.Count, golden.Plan.Layout.Slices.Count);
        foreach (var (name, leaf) in leaves)
        {
            // A key's bias has no gradient, mathematically: both numbers are noise.
            var theirs = leaf.grad ?? zeros_like(leaf);
            var limit = 1e-4 * theirs.abs().max().item<float>() + 1e-8;
            Assert.InRange((theirs - golden.Adapted.Vector[name].grad!).abs().max().item<float>(), 0, limit);
        }
        golden.Adapted.Vector.CheckViews();
    });

    [Fact]
    public void A_model_without_biases_is_refused_in_one_line() => Assert.Equal(
        "method.type: bitfit finds nothing to train: a model of model_type llama with this config.json has no biases. Choose another method.",
        Assert.Throws<BadInputException>(() => AdapterPlan.Of(new BitFitSpec(), TinyLlama.Config)).Message);

    [Fact]
    public void A_model_that_no_vector_holds_is_refused_in_one_line() => Assert.StartsWith(
        "method.type: full would train 2,",
        Assert.Throws<BadInputException>(() => AdapterPlan.Of(new FullSpec(), TinyLlama.Config with { HiddenSize = 4096, VocabularySize = 270_000 })).Message, StringComparison.Ordinal);
}
