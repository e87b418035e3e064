using PeftCluster.Jobs.Spec;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.Costs;

/// <summary>How far gradients flow back in a model of two stacks: through the decoder always, since the loss is at its end, and into the encoder where something of it is trained.</summary>
public static class GradientReach
{
    /// <summary>Whether an adapter has numbers in the encoder or before it. A prefix stands before the decoder's tokens only, as in PEFT.</summary>
    public static bool ReachesEncoder(AdapterPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Layout.Slices.Any(slice => !IsBehindEncoder(plan.Method, slice.Key));
    }

    private static bool IsBehindEncoder(MethodSpec method, string key) =>
        key.Contains("decoder.", StringComparison.Ordinal) || key.Contains("lm_head.", StringComparison.Ordinal) || method is PrefixTuningSpec;
}
