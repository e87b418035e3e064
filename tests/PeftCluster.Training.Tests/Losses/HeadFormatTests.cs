using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Losses;

/// <summary>The head's product where its weight has another number format than what flows: widened block by block, or rounded at the end.</summary>
public sealed class HeadFormatTests
{
    // More rows than one block has, and not a multiple of it.
    private const int Vocabulary = 9000, Width = 8, Places = 40;

    [Theory]
    [InlineData(ScalarType.Float16, ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.BFloat16, ScalarType.BFloat16, 2e-2)]
    [InlineData(ScalarType.Float32, ScalarType.BFloat16, 2e-2)]
    public Task Losses_logits_and_gradients_are_those_of_the_weight_in_float32(ScalarType format, ScalarType flowing, double tolerance) => OnDevice.Run(() =>
    {
        var generator = new Generator(11);
        var weight = randn(Vocabulary, Width, generator: generator).to(format);
        var hidden = randn(Places, Width, generator: generator).to(flowing);
        var targets = arange(Places, ScalarType.Int64) * 220;
        var (due, found) = (new OutputHead(weight.to(ScalarType.Float32), 5), new OutputHead(weight, 5) { Flowing = flowing });
        using var workspace = new HeadWorkspace();
        var losses = HeadLoss.WithGradient(hidden.to(ScalarType.Float32), due, targets, 7, workspace, out var gradient);
        var half = HeadLoss.WithGradient(hidden, found, targets, 7, workspace, out var rounded);
        GoldenFiles.Close(tensor(losses), tensor(half), tolerance, "losses");
        GoldenFiles.Close(gradient, rounded.to(ScalarType.Float32), tolerance, "gradient");
        GoldenFiles.Close(due.Logits(hidden.to(ScalarType.Float32)), found.Logits(hidden), tolerance, "logits");
    });
}
