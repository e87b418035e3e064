using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Peft;

namespace PeftCluster.Training.Plugins;

/// <summary>
/// What a plugin's assembly has exactly one public class of, with a constructor without parameters: the list of what is in it. Names have
/// to be its own: no other plugin of the job has them, and nothing that is built in.
/// </summary>
public interface IPlugin
{
    /// <summary>Methods; each is named by its spec's record.</summary>
    IReadOnlyList<PeftMethod> Methods => [];

    /// <summary>Losses; each is named by its spec's record.</summary>
    IReadOnlyList<TokenLoss> Losses => [];

    /// <summary>Metrics.</summary>
    IReadOnlyList<IMetric> Metrics => [];
}
