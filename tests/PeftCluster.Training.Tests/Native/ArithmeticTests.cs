using PeftCluster.Training.Native;
using PeftCluster.Training.Tests.Golden;
using static TorchSharp.torch;

namespace PeftCluster.Training.Tests.Native;

/// <summary>Numbers that are held give what TorchSharp's own operators give, which let go of them: values, gradients, what is changed in place.</summary>
public sealed class ArithmeticTests
{
    private const ScalarType Wide = ScalarType.Float32, Narrow = ScalarType.BFloat16, Whole = ScalarType.Int64;

    /// <summary>Of x [3, 4] and y [4].</summary>
    private static readonly Dictionary<string, (Func<Tensor, Tensor, Tensor> Ours, Func<Tensor, Tensor, Tensor> TorchSharps)> Operations = new()
    {
        ["x + y"] = ((x, y) => x.Plus(y), (x, y) => x + y),
        ["x + 0.3"] = ((x, _) => x.Plus(0.3), (x, _) => x + 0.3),
        ["x + 7"] = ((x, _) => x.Plus(7), (x, _) => x + 7),
        ["x - 7"] = ((x, _) => x.Minus(7), (x, _) => x - 7),
        ["1 - x"] = ((x, _) => x.SubtractedFrom(1), (x, _) => 1 - x),
        ["1 - 1"] = ((x, _) => x.sign().SubtractedFrom(1), (x, _) => 1 - x.sign()),
        ["x * 0.3"] = ((x, _) => x.Times(0.3), (x, _) => x * 0.3),
        ["x * 0.3f"] = ((x, _) => x.Times(0.3f), (x, _) => x * 0.3f),
        ["x * 7"] = ((x, _) => x.Times(7), (x, _) => x * 7),
        ["x / 0.3"] = ((x, _) => x.DividedBy(0.3), (x, _) => x / 0.3),
        ["x / 16777217"] = ((x, _) => x.DividedBy(16_777_217L), (x, _) => x / 16_777_217L),
        ["square"] = ((x, _) => x.Squared(), (x, _) => x.square()),
        ["pow"] = ((x, _) => x.abs().Power(1.7), (x, _) => x.abs().pow(1.7)),
        ["clamp_min"] = ((x, _) => x.ClampMin(0), (x, _) => x.clamp(min: 0)),
        ["clamp_max"] = ((x, _) => x.ClampMax(1), (x, _) => x.clamp_max(1)),
        ["clamp"] = ((x, _) => x.Clamp(-0.3, 0.4), (x, _) => x.clamp(-0.3, 0.4)),
        ["masked_fill"] = ((x, y) => x.MaskedFill(y.detach() > 0, double.NegativeInfinity), (x, y) => x.masked_fill(y.detach() > 0, double.NegativeInfinity)),
    };

    /// <summary>These change x.</summary>
    private static readonly Dictionary<string, (Func<Tensor, Tensor, Tensor> Ours, Func<Tensor, Tensor, Tensor> TorchSharps)> InPlace = new()
    {
        ["x += y"] = ((x, y) => x.Plus_(y), (x, y) => x.add_(y)),
        ["x += 0.3 y"] = ((x, y) => x.Plus_(y, times: 0.3), (x, y) => x.add_(y, 0.3)),
        ["x += 1"] = ((x, _) => x.Plus_(1), (x, _) => x.add_(1)),
        ["x += 0.3 y y"] = ((x, y) => x.PlusProduct_(y, y, times: 0.3), (x, y) => x.addcmul_(y, y, 0.3)),
        ["x += 0.3 y / x"] = ((x, y) => x.PlusQuotient_(y, x.clone(), times: 0.3), (x, y) => x.addcdiv_(y, x.clone(), 0.3)),
        ["x -= 0.3"] = ((x, _) => x.Minus_(0.3), (x, _) => x.sub_(0.3)),
        ["x *= 0.3"] = ((x, _) => x.Times_(0.3), (x, _) => x.mul_(0.3)),
        ["x *= 16777217"] = ((x, _) => x.Times_(16_777_217L), (x, _) => x.mul_(16_777_217L)),
        ["x /= 0.3"] = ((x, _) => x.DividedBy_(0.3), (x, _) => x.div_(0.3)),
        ["fill_"] = ((x, _) => x.Fill_(0.3), (x, _) => x.fill_(0.3)),
        ["index_fill_"] = ((x, _) => x.IndexFill_(1, tensor(new long[] { 3, 0 }), 0.3), (x, _) => x.index_fill_(1, tensor(new long[] { 3, 0 }), 0.3)),
    };

    /// <summary>These have no gradient, and keep whole numbers whole.</summary>
    private static readonly Dictionary<string, (Func<Tensor, Tensor> Ours, Func<Tensor, Tensor> TorchSharps)> OfWholeNumbers = new()
    {
        ["x + 7"] = (x => x.Plus(7), x => x + 7),
        ["x - 7"] = (x => x.Minus(7), x => x - 7),
        ["1 - x"] = (x => x.SubtractedFrom(1), x => 1 - x),
        ["x * 7"] = (x => x.Times(7), x => x * 7),
        ["x / 3"] = (x => x.DividedBy(3), x => x / 3),
        ["clamp"] = (x => x.ClampMin(0), x => x.clamp(0)),
        ["clamp_max"] = (x => x.ClampMax(2), x => x.clamp_max(2)),
        ["x >= 2"] = (x => x.AtLeast(2), x => x.ge(2)),
        ["x > 2"] = (x => x.Above(2), x => x.gt(2)),
        ["x < 2"] = (x => x.Below(2), x => x.lt(2)),
        ["full_like"] = (x => x.FullLike(5), x => full_like(x, 5)),
        ["arange"] = (_ => Arithmetic.Range(3, 9), _ => arange(3, 9)),
        ["arange from 0"] = (_ => Arithmetic.Range(0, 9, CPU), _ => arange(9, ScalarType.Int64, CPU)),
        ["an empty arange"] = (_ => Arithmetic.Range(0, 0), _ => arange(0)),
    };

    public static MatrixTheoryData<string, ScalarType> OperationsByType => new(Operations.Keys, [Wide, Narrow]);

    public static MatrixTheoryData<string, ScalarType> InPlaceByType => new(InPlace.Keys, [Wide, Narrow]);

    public static TheoryData<string> NamesOfWholeNumbers => [.. OfWholeNumbers.Keys];

    [Theory]
    [MemberData(nameof(OperationsByType))]
    public Task A_result_and_its_gradients_have_the_bits_of_TorchSharps(string operation, ScalarType type) => OnDevice.Run(() =>
    {
        var (ours, theirs) = (Leaves(type), Leaves(type));

        var one = Operations[operation].Ours(ours.X, ours.Y);
        var other = Operations[operation].TorchSharps(theirs.X, theirs.Y);
        one.backward([Wave(5, type, 3, 4)]);
        other.backward([Wave(5, type, 3, 4)]);

        SameBits(other, one);
        SameBits(theirs.X.grad!, ours.X.grad!);
        Assert.Equal(theirs.Y.grad?.bytes.ToArray(), ours.Y.grad?.bytes.ToArray());
    });

    [Theory]
    [MemberData(nameof(InPlaceByType))]
    public Task What_ends_in_an_underscore_changes_its_tensor_as_TorchSharps_does(string operation, ScalarType type) => OnDevice.Run(() =>
    {
        using var off = no_grad();
        var (ours, theirs) = (Leaves(type), Leaves(type));

        var given = InPlace[operation].Ours(ours.X, ours.Y);
        InPlace[operation].TorchSharps(theirs.X, theirs.Y);

        Assert.Same(ours.X, given);
        SameBits(theirs.X, ours.X);
        SameBits(theirs.Y, ours.Y);
    });

    [Theory]
    [MemberData(nameof(NamesOfWholeNumbers))]
    public Task Whole_numbers_give_what_TorchSharps_give(string operation) => OnDevice.Run(() =>
    {
        var numbers = tensor(new long[] { -3, 0, 2, 3, 9_007_199_254_740_993 });

        SameBits(OfWholeNumbers[operation].TorchSharps(numbers), OfWholeNumbers[operation].Ours(numbers));
    });

    [Fact]
    public Task An_operation_that_fails_says_why() => OnDevice.Run(() =>
    {
        var failed = Assert.ThrowsAny<Exception>(() => ones(2, Whole).Times_(0.5));

        Assert.Contains("can't be cast", failed.Message, StringComparison.Ordinal);
    });

    private static (Tensor X, Tensor Y) Leaves(ScalarType type) => (Wave(1, type, 3, 4).requires_grad_(), Wave(2, type, 4).requires_grad_());

    private static Tensor Wave(float start, ScalarType type, params long[] shape) =>
        tensor(Enumerable.Range(0, (int)shape.Aggregate(1L, (all, size) => all * size)).Select(number => 2 * MathF.Sin(start + number)).ToArray()).reshape(shape).to(type);

    private static void SameBits(Tensor expected, Tensor actual)
    {
        Assert.Equal((expected.dtype, string.Join(',', expected.shape)), (actual.dtype, string.Join(',', actual.shape)));
        Assert.Equal(expected.detach().bytes.ToArray(), actual.detach().bytes.ToArray());
    }
}
