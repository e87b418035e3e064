namespace PeftCluster.Training.Models;

/// <summary>
/// YaRN (arXiv 2309.00071): slow pairs are pressed together by the factor, fast ones stay, a straight ramp over the pairs' numbers lies
/// between, and cosines and sines grow by 1 + 0.1 ln(factor).
/// </summary>
/// <param name="Theta">θ</param>
/// <param name="Size">R</param>
/// <param name="Factor">How much longer the context has become.</param>
public sealed record YarnRope(double Theta, int Size, double Factor) : Rope(Theta, Size)
{
    /// <summary>The context length of pre-training.</summary>
    public required double Original { get; init; }

    /// <summary>Turns in the original context from which a pair stays.</summary>
    public double Fast { get; init; } = 32;

    /// <summary>Turns in the original context up to which a pair is pressed.</summary>
    public double Slow { get; init; } = 1;

    /// <summary>Whether the ramp begins and ends at whole pairs.</summary>
    public bool WholePairs { get; init; } = true;

    /// <summary>The amplitude where the model says it.</summary>
    public double? Given { get; init; }

    public override double Amplitude => Given ?? AmplitudeOf(Factor, 1);

    /// <summary>1 + 0.1 · scale · ln(factor); 1 where nothing is stretched.</summary>
    internal static double AmplitudeOf(double factor, double scale) => factor <= 1 ? 1 : 0.1 * scale * Math.Log(factor) + 1;

    protected override double Scaled(int pair, double frequency)
    {
        var (first, last) = (PairOf(Fast), PairOf(Slow));
        if (WholePairs)
            (first, last) = (Math.Floor(first), Math.Ceiling(last));
        (first, last) = (Math.Max(first, 0), Math.Min(last, Size - 1));
        // A ramp without width would divide by zero.
        var width = first == last ? 0.001 : last - first;
        var pressed = Math.Clamp((pair - first) / width, 0, 1);
        return frequency / Factor * pressed + frequency * (1 - pressed);
    }

    // The pair, with a fraction, that makes so many turns in the original context.
    private double PairOf(double turns) => Size * Math.Log(Original / (turns * 2 * Math.PI)) / (2 * Math.Log(Theta));
}
