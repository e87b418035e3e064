using PeftCluster.Jobs.Spec;
using PeftCluster.Jobs.Spec.Keys;

namespace ExamplePlugin;

/// <summary>
/// SSF, scaling and shifting features (Lian et al., arXiv 2210.08823): what a linear layer gives is multiplied and moved by learnt vectors,
/// y = γ∘(Wx + b) + β.
/// </summary>
public sealed record SsfSpec : MethodSpec
{
    public override string Type => "ssf";

    public override double DefaultLearningRate => 5e-3;

    /// <summary>Names of the linear layers that get vectors, the word <c>all-linear</c>, or one regular expression.</summary>
    [Items(1, 1024), OrWord("all-linear"), OrPattern, Pattern(ModuleNames.Name, "a module's name")]
    public ValueList<string> TargetModules { get; init; } = ["all-linear"];

    /// <summary>γ begins as N(1, this), β as N(0, this); 0: the adapted model begins as the base.</summary>
    [In("[0, 1]")]
    public double InitStd { get; init; } = 0.02;
}
