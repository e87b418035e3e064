using PeftCluster.Tests;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Models;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Losses;

/// <summary>Label smoothing against transformers' LabelSmoother, on logits themselves and through a head.</summary>
public sealed class LabelSmoothingTests
{
    public static TheoryData<double, bool> Cases => new()
    {
        { 0, false }, { 0, true }, { 0.1, false }, { 0.1, true }, { 0.3, false }, { 0.3, true },
    };

    [Theory, MemberData(nameof(Cases))]
    public Task Loss_and_gradient_are_those_of_transformers(double smoothing, bool shift) => OnDevice.Run(() =>
    {
        var golden = GoldenFiles.Read(GoldenFolder.Of("extra", "label-smoothing", "expected.safetensors"));
        var name = FormattableString.Invariant($"eps-{smoothing:0.0}{(shift ? "-shift" : "")}");
        var (logits, labels, wanted) = (golden["logits"], golden["labels"], golden[$"{name}.grad"]);
        if (shift)
        {
            var last = labels.shape[1] - 1;
            Assert.Equal(0, wanted.narrow(1, last, 1).abs().max().item<float>());
            (logits, labels, wanted) = (logits.narrow(1, 0, last), labels.narrow(1, 1, last), wanted.narrow(1, 0, last));
        }
        var (places, targets) = (labels.reshape(-1).ge(0), labels.reshape(-1));
        var (logits_MV, targets_M) = (logits.reshape(-1, logits.shape[2])[places], targets[places]);
        using var workspace = new HeadWorkspace();
        var losses = HeadLoss.WithGradient(logits_MV, null, targets_M, targets_M.shape[0], workspace, out var gradient, smoothing);
        Assert.Equal(golden[$"{name}.loss"].item<float>(), losses.Average(loss => (double)loss), 1e-5);
        GoldenFiles.Close(wanted.reshape(-1, logits.shape[2])[places], gradient, 1e-5, name);
    });

    [Fact]
    public Task Through_a_head_and_in_chunks_it_is_the_same() => OnDevice.Run(() =>
    {
        var generator = new Generator(4);
        var (hidden, head) = (randn([700, 24], generator: generator).requires_grad_(), randn([50, 24], generator: generator));
        var targets = arange(700, dtype: ScalarType.Int64).remainder(50);
        using var workspace = new HeadWorkspace();
        var losses = HeadLoss.WithGradient(hidden, new OutputHead(head, 3), targets, 77, workspace, out var gradient, 0.2);
        var logarithms = ((nn.functional.linear(hidden, head) / 3).tanh() * 3).log_softmax(1);
        var each = logarithms.gather(1, targets.unsqueeze(1)).squeeze(1) * -0.8 - logarithms.mean([1]) * 0.2;
        (each.sum() / 77).backward();
        GoldenFiles.Close(hidden.grad!, gradient, 1e-5, "gradient");
        GoldenFiles.Close(each.detach(), tensor(losses), 1e-5, "losses");
    });
}
