using System.Diagnostics;
using PeftCluster.Jobs.Spec;

namespace PeftCluster.Steps.Schedules;

/// <summary>
/// How the factor on the peak rate falls after the warm-up, one method for each shape; two of them have a warm-up of their own. The formulas are those of
/// transformers' optimization.py, term by term, since a cosine's last bit is a step's last bit.
/// </summary>
/// <param name="training">The peak, and what the shape is given.</param>
/// <param name="warmup">Steps of the warm-up.</param>
/// <param name="total">Steps of the job.</param>
internal sealed class Falls(TrainingSpec training, int warmup, int total)
{
    private readonly SchedulerSpec _given = training.LrSchedulerKwargs;

    private double HalfCosines => _given.NumCycles ?? 0.5;

    private double LowestFactor => _given.MinLr is { } rate ? rate / training.LearningRate : _given.MinLrRate ?? 0;

    public double Linear(int step) => Math.Max(0, (double)(total - step) / Math.Max(1, total - warmup));

    public double Cosine(int step) => Math.Max(0, CosineAt(Progress(step)));

    public double CosineWithRestarts(int step) => Progress(step) is var progress and < 1
        ? Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * ((_given.NumCycles ?? 1) * progress % 1))))
        : 0;

    public double CosineWithMinimum(int step) => Math.Max(0, AboveLowest(CosineAt(Progress(step)), LowestFactor));

    public double CosineWarmupWithMinimum(int step)
    {
        if (step < warmup)
            return _given.WarmupLrRate is { } first ? first + (1 - first) * step / Math.Max(1, warmup - 1) : (step + 1.0) / Math.Max(1, warmup);
        return Math.Max(0, AboveLowest(CosineAt((step - warmup + 1.0) / Math.Max(1, total - warmup)), LowestFactor));
    }

    public double Polynomial(int step)
    {
        if (step > total)
            return _given.LrEnd / training.LearningRate;
        var left = 1 - (double)(step - warmup) / (total - warmup);
        return ((training.LearningRate - _given.LrEnd) * Math.Pow(left, _given.Power) + _given.LrEnd) / training.LearningRate;
    }

    public double InverseSquareRoot(int step)
    {
        double timescale = _given.Timescale ?? (warmup > 0 ? warmup : 10_000);
        return 1 / Math.Sqrt((step + (timescale - warmup)) / timescale);
    }

    public double WarmupStableDecay(int step)
    {
        var decay = _given.NumDecaySteps ?? (int)Math.Ceiling(0.1 * total);
        var stable = _given.NumStableSteps ?? total - warmup - decay;
        if (step < warmup)
            return Math.Max(0, AboveLowest(Risen(_given.WarmupType, (double)step / Math.Max(1, warmup)), _given.MinLrRatio));
        if (step < warmup + stable)
            return 1;
        return step < warmup + stable + decay
            ? Math.Max(0, AboveLowest(Fallen(_given.DecayType, (double)(step - warmup - stable) / Math.Max(1, decay)), _given.MinLrRatio))
            : _given.MinLrRatio;
    }

    private static double AboveLowest(double factor, double lowest) => factor * (1 - lowest) + lowest;

    private static double Risen(DecayShape shape, double progress) => shape switch
    {
        DecayShape.Linear => progress,
        DecayShape.Cosine => 0.5 * (1 - Math.Cos(Math.PI * progress)),
        DecayShape.OneMinusSqrt => 1 - Math.Sqrt(1 - progress),
        _ => throw new UnreachableException($"no rise for {shape}"),
    };

    private double Fallen(DecayShape shape, double progress) => shape switch
    {
        DecayShape.Linear => 1 - progress,
        DecayShape.Cosine => CosineAt(progress),
        DecayShape.OneMinusSqrt => 1 - Math.Sqrt(progress),
        _ => throw new UnreachableException($"no fall for {shape}"),
    };

    private double Progress(int step) => (double)(step - warmup) / Math.Max(1, total - warmup);

    private double CosineAt(double progress) => 0.5 * (1 + Math.Cos(Math.PI * HalfCosines * 2 * progress));
}
