namespace PeftCluster.Training.Models;

/// <summary>
/// Dynamic NTK scaling: up to the context length the plain form; a longer row of t tokens turns with
/// θ · (factor · t ÷ context − (factor − 1))^(R ÷ (R − 2)), so that the slowest pair is pressed together just as far as the row needs.
/// As in transformers, keys in a cache stay as their own step turned them.
/// </summary>
/// <param name="Theta">θ</param>
/// <param name="Size">R, above 2.</param>
/// <param name="Factor">How far it is pressed.</param>
/// <param name="Context">The context length.</param>
public sealed record DynamicRope(double Theta, int Size, double Factor, long Context) : Rope(Theta, Size)
{
    public override long KindOf(long length) => Math.Max(length, Context);

    public override double[] Frequencies(long length)
    {
        var stretch = Factor * KindOf(length) / Context - (Factor - 1);
        return new Rope(Theta * Math.Pow(stretch, Size / (Size - 2.0)), Size).Frequencies(length);
    }
}

/// <summary>
/// LongRoPE (arXiv 2402.13753): each pair is pressed together by a factor of its own, from one list for rows up to the original context and
/// from another for longer ones; cosines and sines grow by √(1 + ln(factor) ÷ ln(original)). A row that outgrows the
/// original context is read again.
/// </summary>
/// <param name="Theta">θ</param>
/// <param name="Size">R</param>
/// <param name="Original">The context length of pre-training.</param>
/// <param name="Within">R ÷ 2 factors of rows up to the original context.</param>
/// <param name="Beyond">R ÷ 2 factors of longer ones.</param>
public sealed record LongRope(double Theta, int Size, long Original, IReadOnlyList<double> Within, IReadOnlyList<double> Beyond) : Rope(Theta, Size)
{
    /// <summary>How much longer the context has become.</summary>
    public required double Factor { get; init; }

    /// <summary>The amplitude where the model says it.</summary>
    public double? Given { get; init; }

    public override double Amplitude => Given ?? (Factor <= 1 ? 1 : Math.Sqrt(1 + Math.Log(Factor) / Math.Log(Original)));

    public override bool ReadsAnew => true;

    public override long KindOf(long length) => length > Original ? 1 : 0;

    public override double[] Frequencies(long length) =>
        [.. base.Frequencies(length).Zip(KindOf(length) == 1 ? Beyond : Within, (frequency, factor) => frequency / factor)];
}
