namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// How many ranks all layers together may keep after a step, and whether it prunes (Zhang et al., arXiv 2303.10512, equation 12; PEFT's rounding):
/// <code>
/// budget = ⌊(b₀ − b_T)·(1 − (t − tinit) ÷ (T − tfinal − tinit))³ + b_T⌋
/// </code>
/// b₀ before it and b_T after. t is the version that the step made.
/// </summary>
internal static class RankBudget
{
    /// <summary>The budget of a version.</summary>
    public static int At(RankAllocation allocation, int initialBudget, int version)
    {
        var targetBudget = allocation.TargetRank * allocation.Triplets.Count;
        if (version <= allocation.FirstStep)
            return initialBudget;
        if (version > allocation.TotalSteps - allocation.FinalSteps)
            return targetBudget;
        var left = 1 - (version - allocation.FirstStep) / (double)(allocation.TotalSteps - allocation.FinalSteps - allocation.FirstStep);
        return (int)((initialBudget - targetBudget) * Cube(left) + targetBudget);
    }

    // x³ rounded once, as Python's power is, since a budget that hits a whole number must not fall below it by a rounding; and without a math library.
    private static double Cube(double x)
    {
        var square = x * x;
        var cube = square * x;
        return cube + (Math.FusedMultiplyAdd(square, x, -cube) + Math.FusedMultiplyAdd(x, x, -square) * x);
    }
}
