using PeftCluster.Training.Native;
using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>A linear layer as a model sees it: y = x Wᵀ + b. A model asks for its layers, so that an adapter can wrap one without the model knowing.</summary>
public interface ILinear
{
    /// <summary>Applies the layer to the last dimension.</summary>
    /// <param name="x">[…, in]</param>
    /// <returns>[…, out]</returns>
    Tensor Forward(Tensor x);
}

/// <summary>A model's own linear layer. Some adapters compute with its weight, not only with what it gives.</summary>
public interface IPlainLinear : ILinear
{
    /// <summary>[out, in], whichever way it lies and in whichever number format; a view of somebody else's memory.</summary>
    Tensor Weight { get; }

    /// <summary>[out], or null.</summary>
    Tensor? Bias { get; }

    /// <summary>x Wᵀ, without the bias.</summary>
    Tensor Product(Tensor x);
}

/// <summary>A layer that takes the two factors of its input: what it keeps for its backward pass is less than their product.</summary>
internal interface IProductLinear : ILinear
{
    /// <summary>Applies the layer to left · right.</summary>
    Tensor Forward(Tensor left, Tensor right);
}

/// <summary>Gives a layer a product as it takes it best.</summary>
internal static class ProductLinear
{
    public static Tensor OfProduct(this ILinear layer, Tensor left, Tensor right) =>
        layer is IProductLinear whole ? whole.Forward(left, right) : layer.Forward(left * right);
}

/// <summary>A linear layer of a model.</summary>
/// <param name="Path">The module's path, for example <c>model.layers.0.self_attn.q_proj</c>; its weight is this + <c>.weight</c>.</param>
/// <param name="In">Input features.</param>
/// <param name="Out">Output features.</param>
public sealed record LinearShape(string Path, long In, long Out)
{
    /// <summary>Whether it has a bias [out], under the path + <c>.bias</c>.</summary>
    public bool Bias { get; init; }

    /// <summary>Whether the weight lies as [in, out], as GPT-2's files have it; else as [out, in].</summary>
    public bool Transposed { get; init; }

    /// <summary>A tensor [out, in] as the layer's weight lies; also one of them broadcast over the other, [out, 1] or [1, in].</summary>
    public Tensor AsStored(Tensor weight) => Transposed ? weight.t().contiguous() : weight;

    /// <summary>The layer's weight, as it lies, seen as [out, in].</summary>
    public Tensor AsUsed(Tensor weight) => Transposed ? weight.t() : weight;
}

/// <summary>Gives the layer that the model uses in the place of <paramref name="plain"/>, or that layer itself.</summary>
public delegate ILinear LinearWrapper(LinearShape shape, IPlainLinear plain);

/// <summary>Gives the tensor of a weight by its Hugging Face name; its owner keeps it.</summary>
public delegate Tensor WeightLookup(string name);

/// <summary>
/// The layer itself, over a weight [out, in] (or [in, out], transposed) and perhaps a bias [out] of somebody else. Where x and they have unlike number
/// formats, it is computed in float32; what comes out has x's.
/// </summary>
internal sealed class Linear(Tensor weight, Tensor? bias, bool transposed = false) : IPlainLinear
{
    public Tensor Weight => transposed ? weight.t() : weight;

    public Tensor? Bias => bias;

    public Tensor Forward(Tensor x) => Apply(x, bias);

    public Tensor Product(Tensor x) => Apply(x, null);

    private Tensor Apply(Tensor x, Tensor? added)
    {
        var common = Formats.Common(x.dtype, weight.dtype);
        if (common != x.dtype || common != weight.dtype || added?.dtype is { } format && format != common)
            return Mixed(x, added, common);
        if (!transposed)
            return nn.functional.linear(x, weight, added);
        using var view = weight.t();
        return nn.functional.linear(x, view, added);
    }

    private Tensor Mixed(Tensor x, Tensor? added, ScalarType common)
    {
        using var scope = NewDisposeScope();
        // A trained bias beside a weight of 16 bits is added in float32, so that its gradient is a sum in float32.
        var inside = common == ScalarType.Float32 ? added?.to(common) : null;
        var y = nn.functional.linear(x.to(common), Weight.to(common), inside);
        return (added is null || inside is not null ? y : y.Plus(added)).to(x.dtype).MoveToOuterDisposeScope();
    }
}
