using TorchSharp;
using static TorchSharp.torch;

// The one place that may make scalars: it keeps them as long as libtorch needs them.
#pragma warning disable RS0030

namespace PeftCluster.Training.Native;

/// <summary>
/// A tensor and a number, and the sum of two tensors. Unusual: TorchSharp's own (x * 2.0, a + b, whose factor of 1 is a number too) give libtorch the address of a
/// <see cref="Scalar"/> and let go of it, so that a garbage collection at that moment frees the number before it is read. Here it is held until libtorch is done,
/// and TorchSharp's are banned (BannedSymbols.TorchSharp.txt). Bits, shapes, errors and gradients are those of the same operation of TorchSharp. What ends in _ changes x.
/// </summary>
public static class Arithmetic
{
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>x + y, of shapes that fit each other.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x + number</summary>
    public static Tensor Plus(this Tensor x, double number) => Held(number, held => x.add(held, One));

    /// <summary>x + number: whole numbers stay whole.</summary>
    public static Tensor Plus(this Tensor x, long number) => Held(number, held => x.add(held, One));

    /// <summary>x ← x + y</summary>
    public static Tensor Plus_(this Tensor x, Tensor y) => x.add_(y, One);

    /// <summary>x ← x + times · y, in one operation.</summary>
    public static Tensor Plus_(this Tensor x, Tensor y, double times) => Held(times, held => x.add_(y, held));

    /// <summary>x ← x + number</summary>
    public static Tensor Plus_(this Tensor x, double number) => Held(number, held => x.add_(held, One));

    /// <summary>x ← x + times · (y · z), in one operation.</summary>
    public static Tensor PlusProduct_(this Tensor x, Tensor y, Tensor z, double times) => Held(times, held => x.addcmul_(y, z, held));

    /// <summary>x ← x + times · (y ÷ z), in one operation.</summary>
    public static Tensor PlusQuotient_(this Tensor x, Tensor y, Tensor z, double times) => Held(times, held => x.addcdiv_(y, z, held));

    /// <summary>x − number: whole numbers stay whole.</summary>
    public static Tensor Minus(this Tensor x, long number) => Held(number, x.sub);

    /// <summary>x ← x − number</summary>
    public static Tensor Minus_(this Tensor x, double number) => Held(number, x.sub_);

    /// <summary>number − x, as −x + number.</summary>
    public static Tensor SubtractedFrom(this Tensor x, long number) => Held(number, held => x.negative().add(held, One));

    /// <summary>x · number</summary>
    public static Tensor Times(this Tensor x, double number) => Held(number, x.mul);

    /// <summary>x · number: whole numbers stay whole.</summary>
    public static Tensor Times(this Tensor x, long number) => Held(number, x.mul);

    /// <summary>x ← x · number</summary>
    public static Tensor Times_(this Tensor x, double number) => Held(number, x.mul_);

    /// <summary>x ÷ number; of whole numbers too it is a fraction.</summary>
    public static Tensor DividedBy(this Tensor x, double number) => Held(number, held => x.div(held));

    /// <summary>x ← x ÷ number</summary>
    public static Tensor DividedBy_(this Tensor x, double number) => Held(number, held => x.div_(held));

    /// <summary>x²</summary>
    public static Tensor Squared(this Tensor x) => Held(2, x.pow);

    /// <summary>x to the power of a number.</summary>
    public static Tensor Power(this Tensor x, double exponent) => Held(exponent, x.pow);

    /// <summary>The larger one of each element and a number.</summary>
    public static Tensor ClampMin(this Tensor x, long least) => Held(least, x.clamp_min);

    /// <summary>The smaller one of each element and a number.</summary>
    public static Tensor ClampMax(this Tensor x, long most) => Held(most, x.clamp_max);

    /// <summary>Each element, moved to the nearest number between two.</summary>
    public static Tensor Clamp(this Tensor x, double least, double most) => Held(least, low => Held(most, high => x.clamp(low, high)));

    /// <summary>x ≥ number, element by element.</summary>
    public static Tensor AtLeast(this Tensor x, long number) => Held(number, x.ge);

    /// <summary>x &gt; number, element by element.</summary>
    public static Tensor Above(this Tensor x, long number) => Held(number, x.gt);

    /// <summary>x &lt; number, element by element.</summary>
    public static Tensor Below(this Tensor x, long number) => Held(number, x.lt);

    /// <summary>x, with a number wherever the mask (bool, of a shape that fits) is true.</summary>
    public static Tensor MaskedFill(this Tensor x, Tensor mask, double number) => Held(number, held => x.masked_fill(mask, held));

    /// <summary>x, each element a number.</summary>
    public static Tensor Fill_(this Tensor x, double number) => Held(number, x.fill_);

    /// <summary>x, with a number at these places (int64 [N]) of a dimension.</summary>
    public static Tensor IndexFill_(this Tensor x, long dimension, Tensor places, double number) => Held(number, held => x.index_fill_(dimension, places, held));

    /// <summary>A tensor of x's shape and number format, each element a number.</summary>
    public static Tensor FullLike(this Tensor x, double number) => Held(number, held => full_like(x, held));

    /// <summary>first, first + 1, …, end − 1: int64 [end − first].</summary>
    /// <param name="first">The first one.</param>
    /// <param name="end">What comes behind the last one.</param>
    /// <param name="device">Null: the CPU.</param>
    public static Tensor Range(long first, long end, Device? device = null) => Held(first, low => Held(end, high => arange(low, high, One, ScalarType.Int64, device)));

    private static Tensor Held(double number, Func<Scalar, Tensor> operation)
    {
        using var held = number.ToScalar();
        return operation(held);
    }

    private static Tensor Held(long number, Func<Scalar, Tensor> operation)
    {
        using var held = number.ToScalar();
        return operation(held);
    }
}
