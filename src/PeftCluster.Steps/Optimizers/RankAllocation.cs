namespace PeftCluster.Steps.Optimizers;

/// <summary>
/// What the coordinator must do for a method that prunes ranks (AdaLoRA), besides making steps. A source's description names it, with every number that it needs.
/// </summary>
/// <param name="Triplets">The adapted layers' tensors.</param>
/// <param name="TargetRank">Ranks of a layer at the end, on average.</param>
/// <param name="FirstStep">tinit: nothing is pruned up to this version.</param>
/// <param name="FinalSteps">tfinal: steps after the last pruning.</param>
/// <param name="Interval">deltaT: versions between two prunings.</param>
/// <param name="TotalSteps">total_step: the version that the schedule ends at.</param>
/// <param name="Beta1">Of the importances.</param>
/// <param name="Beta2">Of their uncertainty.</param>
public sealed record RankAllocation(
    IReadOnlyList<RankTriplet> Triplets, int TargetRank, int FirstStep, int FinalSteps, int Interval, int TotalSteps, double Beta1, double Beta2);

/// <summary>The numbers of one layer's slices in the layout: A [r, in], B [out, r] and E [r, 1].</summary>
public readonly record struct RankTriplet(int A, int B, int E);
