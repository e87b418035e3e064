using PeftCluster.Training.Evaluation;
using PeftCluster.Training.Losses;
using PeftCluster.Training.Peft;
using PeftCluster.Training.Plugins;

namespace ExamplePlugin;

/// <summary>What is in this assembly.</summary>
public sealed class Registration : IPlugin
{
    public IReadOnlyList<PeftMethod> Methods => [new SsfMethod()];

    public IReadOnlyList<TokenLoss> Losses => [new FocalLoss()];

    public IReadOnlyList<IMetric> Metrics => [new EditSimilarity()];
}
