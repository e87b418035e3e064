using PeftCluster.Training.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PeftCluster.Examples.Make.Pretraining;

/// <summary>
/// AdamW (Loshchilov, Hutter, arXiv 1711.05101) on parameters as tensors, with c = 1 − βᵗ:
/// <code>
/// p ← p·(1 − η·λ)
/// m ← m·β₁ + g·(1 − β₁)
/// v ← v·β₂ + g²·(1 − β₂)
/// p ← p − (η ÷ c₁) · m ÷ (√v ÷ √c₂ + ε)
/// </code>
/// Unusual: bit by bit it is TorchSharp's own, which gives libtorch numbers that nobody holds (<see cref="Arithmetic"/>).
/// </summary>
/// <param name="parameters">What is trained. Those without a gradient are left as they are.</param>
/// <param name="beta1">β₁</param>
/// <param name="beta2">β₂</param>
/// <param name="weightDecay">λ</param>
public sealed class AdamW(IEnumerable<Parameter> parameters, double beta1, double beta2, double weightDecay)
{
    private const double Epsilon = 1e-8;

    private readonly Moments[] _all = [.. parameters.Select(Moments.Of)];
    private int _steps;

    /// <summary>Gradients of zero.</summary>
    public void ZeroGradients()
    {
        foreach (var (parameter, _, _) in _all)
        {
            using var gradient = parameter.grad;
            gradient?.zero_();
        }
    }

    /// <summary>One step in place.</summary>
    /// <param name="rate">η</param>
    public void Step(double rate)
    {
        using var off = no_grad();
        _steps++;
        var (correction1, correction2) = (1 - Math.Pow(beta1, _steps), 1 - Math.Pow(beta2, _steps));
        foreach (var (parameter, first, second) in _all)
        {
            using var scope = NewDisposeScope();
            if (parameter.grad is not { } gradient)
                continue;
            parameter.Times_(1 - rate * weightDecay);
            first.Times_(beta1).Plus_(gradient, times: 1 - beta1);
            second.Times_(beta2).PlusProduct_(gradient, gradient, times: 1 - beta2);
            var spread = second.sqrt().DividedBy(Math.Sqrt(correction2)).Plus_(Epsilon);
            parameter.PlusQuotient_(first, spread, times: -(rate / correction1));
        }
    }

    private sealed record Moments(Parameter Parameter, Tensor First, Tensor Second)
    {
        public static Moments Of(Parameter parameter) =>
            new(parameter, zeros_like(parameter).DetachFromDisposeScope(), zeros_like(parameter).DetachFromDisposeScope());
    }
}
