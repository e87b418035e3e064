namespace PeftCluster.Training.Models;

/// <summary>
/// Rotary places (Su et al., arXiv 2104.09864): pair i of R ÷ 2 turns by θ^(−2i÷R) a place. R is the rotated part of a head: numbers behind
/// it keep still. This is the plain form; the others of *Rope.cs and LengthRopes.cs stretch it to longer contexts.
/// </summary>
/// <param name="Theta">θ</param>
/// <param name="Size">R, even.</param>
public record Rope(double Theta, int Size)
{
    /// <summary>What cosines and sines are multiplied by.</summary>
    public virtual double Amplitude => 1;

    /// <summary>Whether a row whose kind changes as it grows is read again from its start, since what it was before no longer fits.</summary>
    public virtual bool ReadsAnew => false;

    /// <summary>Rows of equal kind turn alike; most forms have one kind for all lengths.</summary>
    /// <param name="length">Tokens of the row.</param>
    public virtual long KindOf(long length) => 0;

    /// <summary>The turn of each pair a place, in radians, R ÷ 2 numbers.</summary>
    /// <param name="length">Tokens of the row.</param>
    public virtual double[] Frequencies(long length) => [.. Enumerable.Range(0, Size / 2).Select(pair => Scaled(pair, 1 / Math.Pow(Theta, 2.0 * pair / Size)))];

    /// <summary>A pair's frequency out of its plain one.</summary>
    protected virtual double Scaled(int pair, double frequency) => frequency;
}

/// <summary>Places pressed together by a factor (arXiv 2306.15595).</summary>
public sealed record LinearRope(double Theta, int Size, double Factor) : Rope(Theta, Size)
{
    protected override double Scaled(int pair, double frequency) => frequency / Factor;
}

/// <summary>
/// Llama 3.1's: pairs whose wave is longer than original ÷ low are pressed together by the factor, those shorter than original ÷ high
/// stay, and between the two it goes over smoothly.
/// </summary>
/// <param name="Theta">θ</param>
/// <param name="Size">R</param>
/// <param name="Factor">How much longer the context has become.</param>
/// <param name="Low">Waves in the original context below which a pair is pressed.</param>
/// <param name="High">Waves from which it stays.</param>
/// <param name="Original">The context length of pre-training.</param>
public sealed record Llama3Rope(double Theta, int Size, double Factor, double Low, double High, double Original) : Rope(Theta, Size)
{
    protected override double Scaled(int pair, double frequency)
    {
        var waves = Original * frequency / (2 * Math.PI);
        var share = Math.Clamp((waves - Low) / (High - Low), 0, 1);
        return (1 - share) * frequency / Factor + share * frequency;
    }
}
