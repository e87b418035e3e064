using PeftCluster.Jobs.Spec;

namespace PeftCluster.Steps.Schedules;

/// <summary>
/// Up to the peak and down far below the beginning, with the momentum going the other way (Smith, Topin, arXiv 1708.07120): torch's OneCycleLR. It needs no
/// warm-up and knows its last step.
/// </summary>
internal static class OneCycle
{
    /// <summary>The rate of a step.</summary>
    public static double Rate(TrainingSpec training, int total, int step)
    {
        var given = training.LrSchedulerKwargs;
        var first = training.LearningRate / given.DivFactor;
        var last = first / given.FinalDivFactor;
        return At(given, total, step, given.ThreePhase ? [first, training.LearningRate, first, last] : [first, training.LearningRate, last]);
    }

    /// <summary>The momentum of a step.</summary>
    public static double Momentum(SchedulerSpec given, int total, int step) =>
        At(given, total, step, given.ThreePhase
            ? [given.MaxMomentum, given.BaseMomentum, given.MaxMomentum, given.MaxMomentum]
            : [given.MaxMomentum, given.BaseMomentum, given.MaxMomentum]);

    // values: where each phase begins, and where the last one ends.
    private static double At(SchedulerSpec given, int total, int step, double[] values)
    {
        double[] ends = given.ThreePhase
            ? [given.PctStart * total - 1, 2 * given.PctStart * total - 2, total - 1]
            : [given.PctStart * total - 1, total - 1];
        var phase = 0;
        while (phase < ends.Length - 1 && step > ends[phase])
            phase++;
        var began = phase == 0 ? 0 : ends[phase - 1];
        // A job of very few steps has phases shorter than a step: it stands at their end.
        var share = ends[phase] > began ? (step - began) / (ends[phase] - began) : 1;
        var (from, to) = (values[phase], values[phase + 1]);
        return given.AnnealStrategy == DecayShape.Cosine ? to + (from - to) / 2 * (Math.Cos(Math.PI * share) + 1) : (to - from) * share + from;
    }
}
