using System.Collections.Immutable;
using PeftCluster.Steps.Plan;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// The leaves of the step in hand: whose report came first, whose vector is in. A leaf is settled when both are here and
/// nobody doubts it; the step is complete when all are.
/// </summary>
/// <param name="Plan">The step's plan.</param>
/// <param name="Announced">When the step was sent.</param>
/// <param name="Leaves">One per shard.</param>
/// <param name="Probes">What workers on probation got, to be compared when the owner's result comes.</param>
public sealed record LeafBoard(
    StepPlan Plan, DateTimeOffset Announced, ImmutableArray<Leaf> Leaves, ImmutableSortedDictionary<string, (int Shard, UInt128 Hash)> Probes)
{
    public static LeafBoard Of(StepPlan plan, DateTimeOffset now) =>
        new(plan, now, [.. plan.MicroBatches.Select(_ => new Leaf(null, null, false, null, []))],
            ImmutableSortedDictionary<string, (int, UInt128)>.Empty);

    public int Step => Plan.Step;

    public bool IsComplete => Leaves.All(leaf => leaf.IsSettled);

    /// <summary>Shards that are not settled, ascending.</summary>
    public IEnumerable<int> Open => Enumerable.Range(0, Leaves.Length).Where(shard => !Leaves[shard].IsSettled);

    /// <summary>
    /// How long the finished leaves took, in milliseconds, ascending. Empty micro-batches say nothing about a worker and are
    /// left out.
    /// </summary>
    public IReadOnlyList<double> Times => [.. Leaves
        .Where((leaf, shard) => leaf.First is not null && Plan.MicroBatches[shard].Rows.Count > 0)
        .Select(leaf => leaf.First!.Milliseconds).Order()];

    /// <summary>Mean loss of a labelled token; shards are added in their order.</summary>
    public double Loss => Leaves.Sum(leaf => leaf.First!.Result.LossSum) / Plan.Denominator;

    public int Tokens => Leaves.Sum(leaf => leaf.First!.Result.Tokens);

    public LeafBoard With(int shard, Leaf leaf) => this with { Leaves = Leaves.SetItem(shard, leaf) };
}

/// <summary>One leaf.</summary>
/// <param name="First">The report that counts.</param>
/// <param name="Hash">The hash as first heard, in a report or with a node, and from whom.</param>
/// <param name="IsIn">Whether its vector is added.</param>
/// <param name="Judge">Who computes it again because the first result is not finite.</param>
/// <param name="FailedAt">Workers that could not compute it.</param>
public sealed record Leaf(LeafReport? First, (UInt128 Value, string Worker)? Hash, bool IsIn, string? Judge, ImmutableSortedSet<string> FailedAt)
{
    public bool IsSettled => IsIn && First is { Finite: true };

    public bool IsDoubted => First is { Finite: false };
}
