using System.Numerics;
using System.Runtime.InteropServices;

namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// AdamW over a run of elements, in float32, term by term as torch.optim.AdamW computes a single tensor on CPU:
/// <code>
/// g ← g·clip
/// p ← p·(1 − η·λ)
/// m ← m + (g − m)·(1 − β₁)              from β₁ ≤ ½ on: g − (g − m)·β₁ (torch.lerp)
/// v ← v·β₂ + ((1 − β₂)·g)·g
/// p ← p + ((−η ÷ c₁)·m) ÷ (√v ÷ √c₂ + ε)
/// </code>
/// with c = 1 − βᵗ. Each operation is rounded to float32 by itself and none is fused, so an element has the same
/// bits in a vector register, in the rest of a loop, and on any thread. Source: Loshchilov, Hutter, arXiv 1711.05101.
/// </summary>
internal readonly struct AdamWSlice
{
    private readonly float _clip, _decay, _lerp, _beta1, _beta2, _newSquare, _rate, _rootBias2, _epsilon;
    private readonly bool _lerpFromGradient;

    /// <summary>Scalars are computed in double and rounded once, as Python hands them to the kernels.</summary>
    public AdamWSlice(double clip, double rate, double weightDecay, double beta1, double beta2, double epsilon, StepScalars scalars)
    {
        _clip = (float)clip;
        _decay = (float)(1 - rate * weightDecay);
        _lerp = (float)(1 - beta1);
        _beta1 = 1 - _lerp;
        _lerpFromGradient = _lerp >= 0.5f;
        _beta2 = (float)beta2;
        _newSquare = (float)(1 - beta2);
        _rate = (float)-(rate / scalars.BiasCorrection1);
        _rootBias2 = (float)Math.Sqrt(scalars.BiasCorrection2);
        _epsilon = (float)epsilon;
    }

    /// <summary>One step. All spans have one length.</summary>
    public void Apply(ReadOnlySpan<float> gradient, Span<float> first, Span<float> second, Span<float> parameters)
    {
        var gradients = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        var firsts = MemoryMarshal.Cast<float, Vector<float>>(first);
        var seconds = MemoryMarshal.Cast<float, Vector<float>>(second);
        var all = MemoryMarshal.Cast<float, Vector<float>>(parameters);
        for (var i = 0; i < gradients.Length; i++)
        {
            var g = gradients[i] * _clip;
            var m = _lerpFromGradient ? g - (g - firsts[i]) * _beta1 : firsts[i] + (g - firsts[i]) * _lerp;
            var v = seconds[i] * _beta2 + g * _newSquare * g;
            var denominator = Vector.SquareRoot(v) / new Vector<float>(_rootBias2) + new Vector<float>(_epsilon);
            all[i] = all[i] * _decay + m * _rate / denominator;
            (firsts[i], seconds[i]) = (m, v);
        }
        for (var j = gradients.Length * Vector<float>.Count; j < gradient.Length; j++)
        {
            var g = gradient[j] * _clip;
            var m = _lerpFromGradient ? g - (g - first[j]) * _beta1 : first[j] + (g - first[j]) * _lerp;
            var v = second[j] * _beta2 + g * _newSquare * g;
            var denominator = MathF.Sqrt(v) / _rootBias2 + _epsilon;
            parameters[j] = parameters[j] * _decay + m * _rate / denominator;
            (first[j], second[j]) = (m, v);
        }
    }
}
