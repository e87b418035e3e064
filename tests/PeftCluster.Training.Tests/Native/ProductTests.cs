using PeftCluster.Training.Native;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Native;

/// <summary>A product of three as one operation: the numbers of two multiplications, and less that is kept.</summary>
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

    [Fact]
    public Task Nothing_is_kept_but_the_three_and_what_comes_out() => OnDevice.Run(() =>
    {
        if (!AllocatedMemory.IsTold)
            return;
        using var noise = Wave(1, 1024, 256).requires_grad_();
        using var scale = Wave(2, 256).requires_grad_();
        long Kept(Func<Tensor> product)
        {
            product().Dispose();
            var before = AllocatedMemory.Bytes();
            using var made = product();
            return AllocatedMemory.Bytes() - before;
        }
        const long Whole = 1024 * 256 * 4;
        Assert.InRange(Kept(() => NativeOperations.Product(noise, noise, scale, 16)), Whole, Whole * 5 / 4);
        Assert.InRange(Kept(() => Multiplied(noise, scale)), 2 * Whole, 2 * Whole * 5 / 4);
    });

    private static Tensor Multiplied(Tensor noise, Tensor scale)
    {
        using var scope = NewDisposeScope();
        return (noise * noise * scale).MoveToOuterDisposeScope();
    }

    private static Tensor[] Inputs() => [Wave(1, Tokens, Width).requires_grad_(), Wave(2, Tokens, Width).requires_grad_(), Wave(3, Width).requires_grad_()];

    private static Tensor Wave(float start, params long[] shape) =>
        tensor(Enumerable.Range(0, (int)shape.Aggregate(1L, (all, size) => all * size)).Select(number => MathF.Sin(start + number)).ToArray()).reshape(shape);
}
