using PeftCluster.Training.Native;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Native;

/// <summary>A product of three as one operation: the numbers of two multiplications.</summary>
public sealed class ProductTests
{
    private const int Tokens = 32, Width = 3;

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public Task Value_and_gradients_are_those_of_two_multiplications(int parts) => OnDevice.Run(() =>
    {
        var (ours, theirs) = (Inputs(), Inputs());
        var weight = Wave(4, Tokens, Width);

        var product = NativeOperations.Product(ours[0], ours[1], ours[2], parts);
        product.backward([weight]);
        var multiplied = theirs[0] * theirs[1] * theirs[2];
        multiplied.backward([weight]);

        Assert.Equal(0, (product - multiplied).abs().max().item<float>());
        foreach (var (one, other) in ours.Zip(theirs))
            GoldenFiles.Close(other.grad!, one.grad!, 1e-6, "gradient");
    });

    private static Tensor[] Inputs() => [Wave(1, Tokens, Width).requires_grad_(), Wave(2, Tokens, Width).requires_grad_(), Wave(3, Width).requires_grad_()];

    private static Tensor Wave(float start, params long[] shape) =>
        tensor(Enumerable.Range(0, (int)shape.Aggregate(1L, (all, size) => all * size)).Select(number => MathF.Sin(start + number)).ToArray()).reshape(shape);
}
