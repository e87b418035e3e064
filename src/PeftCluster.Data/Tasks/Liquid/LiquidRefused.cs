namespace PeftCluster.Data.Tasks.Liquid;

/// <summary>A template cannot be filled in for a row.</summary>
/// <param name="what">Why, without the place and without a full stop.</param>
/// <param name="cause">What was thrown meanwhile, or null.</param>
internal sealed class LiquidRefused(string what, Exception? cause = null) : Exception(what, cause);
