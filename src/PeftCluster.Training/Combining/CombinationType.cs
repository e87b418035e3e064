namespace PeftCluster.Training.Combining;

/// <summary>A way to combine LoRA adapters, by the name that PEFT's <c>add_weighted_adapter</c> gives it.</summary>
/// <param name="Name">For example "dare_ties_svd".</param>
/// <param name="Pruning">What is taken out of each adapter's tensors first.</param>
/// <param name="ElectsSign">TIES (Yadav et al., arXiv 2306.01708): per number, only adapters of the majority's sign count.</param>
/// <param name="OfProduct">The change s·B·A is combined and cut in two again by SVD, not A and B each by themselves.</param>
public sealed record CombinationType(string Name, Pruning Pruning = Pruning.None, bool ElectsSign = false, bool OfProduct = false)
{
    public static CombinationType Linear { get; } = new("linear");

    public static CombinationType Cat { get; } = new("cat");

    public static IReadOnlyList<CombinationType> All { get; } =
    [
        Linear,
        Cat,
        new("svd", OfProduct: true),
        new("ties", Pruning.Magnitude, ElectsSign: true),
        new("ties_svd", Pruning.Magnitude, ElectsSign: true, OfProduct: true),
        new("dare_linear", Pruning.Random),
        new("dare_linear_svd", Pruning.Random, OfProduct: true),
        new("dare_ties", Pruning.Random, ElectsSign: true),
        new("dare_ties_svd", Pruning.Random, ElectsSign: true, OfProduct: true),
        new("magnitude_prune", Pruning.Magnitude),
        new("magnitude_prune_svd", Pruning.Magnitude, OfProduct: true),
    ];

    public override string ToString() => Name;

    /// <summary>The type of a name, or null.</summary>
    public static CombinationType? Of(string name) => All.FirstOrDefault(type => type.Name == name);
}

/// <summary>What is taken out of a tensor before it is combined.</summary>
public enum Pruning
{
    None,

    /// <summary>The smallest magnitudes.</summary>
    Magnitude,

    /// <summary>Numbers drawn at random, the others divided by the share that stays (DARE: Yu et al., arXiv 2311.03099).</summary>
    Random,
}
