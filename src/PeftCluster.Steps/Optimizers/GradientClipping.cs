namespace PeftCluster.Steps.Optimizers;

/// <summary>Clipping by the norm of the whole gradient, as torch.nn.utils.clip_grad_norm_ does it.</summary>
public static class GradientClipping
{
    private const double NormFloor = 1e-6;

    /// <summary>What the gradient is multiplied by: min(1, limit ÷ (norm + 10⁻⁶)).</summary>
    /// <param name="norm">The gradient's norm, finite.</param>
    /// <param name="limit">max_grad_norm; 0: no clipping.</param>
    public static double Factor(double norm, double limit) => limit == 0 ? 1 : Math.Min(1, limit / (norm + NormFloor));
}
