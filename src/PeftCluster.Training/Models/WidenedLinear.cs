using static TorchSharp.torch;

namespace PeftCluster.Training.Models;

/// <summary>
/// What an adapter puts around a linear layer, in a model through which 16-bit numbers flow: the adapter is given x in float32, and what it gives is rounded once.
/// The layer that it stands around rounds x back, which is exact, and widens its product. So no method knows of formats.
/// </summary>
internal sealed class WidenedLinear : ILinear
{
    private readonly ILinear _adapted;

    private WidenedLinear(ILinear adapted) => _adapted = adapted;

    /// <summary>The adapted layer, or the plain one where the adapter leaves it as it is.</summary>
    public static ILinear Around(LinearShape shape, IPlainLinear plain, ScalarType flowing, LinearWrapper wrapper)
    {
        var rounding = new RoundingLinear(plain, flowing);
        var adapted = wrapper(shape, rounding);
        return ReferenceEquals(adapted, rounding) ? plain : new WidenedLinear(adapted);
    }

    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return _adapted.Forward(x.to(ScalarType.Float32)).to(x.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>A model's layer as an adapter sees it: float32 in and out.</summary>
    private sealed class RoundingLinear(IPlainLinear plain, ScalarType flowing) : IPlainLinear
    {
        public Tensor Weight => plain.Weight;

        public Tensor? Bias => plain.Bias;

        public Tensor Forward(Tensor x) => Widened(x, plain.Forward);

        public Tensor Product(Tensor x) => Widened(x, plain.Product);

        private Tensor Widened(Tensor x, Func<Tensor, Tensor> layer)
        {
            using var scope = NewDisposeScope();
            return layer(x.to(flowing)).to(ScalarType.Float32).MoveToOuterDisposeScope();
        }
    }
}

/// <summary>The same of what stands behind a part of a layer.</summary>
internal sealed class WidenedBlock(IBlock block) : IBlock
{
    public Tensor Forward(Tensor output_BTD, Tensor residual_BTD, Func<Tensor, Tensor>? norm)
    {
        using var scope = NewDisposeScope();
        return block.Forward(output_BTD.to(ScalarType.Float32), residual_BTD.to(ScalarType.Float32), norm).to(output_BTD.dtype).MoveToOuterDisposeScope();
    }
}
