using System.Collections.Immutable;
using PeftCluster.Jobs.Spec;
using PeftCluster.Steps.Plan;
using PeftCluster.Steps.Seam;

namespace PeftCluster.Cluster.Coordinator;

/// <summary>
/// The leaves of the step in hand: whose report came first, whose vector is in, who doubts it. A leaf is settled when report and vector are here, a drawn one when a
/// second computation agrees, and nobody contradicts; the step is complete when all are.
/// </summary>
/// <param name="Plan">The step's plan.</param>
/// <param name="Announced">When the step was sent.</param>
/// <param name="Sum">Which sum of the step this is: it begins again, empty, when somebody has lied.</param>
/// <param name="Leaves">One per shard.</param>
/// <param name="Probes">What workers on probation got, to be compared when the owner's result comes.</param>
public sealed record LeafBoard(
    StepPlan Plan, DateTimeOffset Announced, int Sum, ImmutableArray<Leaf> Leaves, ImmutableSortedDictionary<string, (int Shard, UInt128 Hash)> Probes)
{
    /// <summary>A step of which nothing is here.</summary>
    /// <param name="plan">Its plan.</param>
    /// <param name="now">The time.</param>
    /// <param name="isDrawn">Which shards are drawn for audit.</param>
    public static LeafBoard Of(StepPlan plan, DateTimeOffset now, Func<int, bool> isDrawn) =>
        new(plan, now, 0, [.. plan.MicroBatches.Select(batch => Leaf.Open with { IsDrawn = isDrawn(batch.Shard) })],
            ImmutableSortedDictionary<string, (int, UInt128)>.Empty);

    /// <summary>The same step from its beginning.</summary>
    public LeafBoard Again() => Of(Plan, Announced, shard => Leaves[shard].IsDrawn) with { Sum = Sum + 1 };

    /// <summary>
    /// Shards as they are asked for: one message for those that may come summed, one each for those that are drawn, so that the vector
    /// that comes is the leaf and has its hash.
    /// </summary>
    public IEnumerable<IReadOnlyList<int>> Parts(IReadOnlyList<int> shards)
    {
        int[] usual = [.. shards.Where(shard => !Leaves[shard].IsDrawn)];
        if (usual.Length > 0 || shards.Count == 0)
            yield return usual;
        foreach (var shard in shards.Except(usual))
            yield return [shard];
    }

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

    /// <summary>Mean loss of a labelled token; shards are added in their order. Of rows with answer choices their three losses as they are weighted.</summary>
    /// <param name="weights">What those three weigh.</param>
    public double Loss(ChoiceLossSpec weights) => Choices?.Total(weights) ?? Leaves.Sum(leaf => leaf.First!.Result.LossSum) / Plan.Denominator;

    /// <summary>Means of the three losses on answer choices, each over its own count; null: the rows have none.</summary>
    public ChoiceLosses? Choices => Plan.Choices is { } counts
        ? Leaves.Aggregate(new ChoiceLosses(), (sum, leaf) => sum + ChoiceLosses.Of(leaf.First!.Result)).Over(counts)
        : null;

    /// <summary>The loss's term of the adapter alone.</summary>
    public double AdapterLoss => Leaves.Sum(leaf => leaf.First!.Result.AdapterLoss);

    public int Tokens => Leaves.Sum(leaf => leaf.First!.Result.Tokens);

    /// <summary>A worker is gone: it holds nothing, also when one of its name comes back.</summary>
    public LeafBoard Without(string worker) => this with
    {
        Leaves = [.. Leaves.Select(leaf => leaf with { Owners = leaf.Owners.Remove(worker), Judge = leaf.Judge == worker ? null : leaf.Judge })],
    };

    public LeafBoard With(int shard, Func<Leaf, Leaf> change) => this with { Leaves = Leaves.SetItem(shard, change(Leaves[shard])) };
}

/// <summary>One leaf.</summary>
public sealed record Leaf
{
    /// <summary>Nothing is known of it.</summary>
    public static Leaf Open { get; } = new();

    /// <summary>A second worker computes it too.</summary>
    public bool IsDrawn { get; init; }

    /// <summary>The report that counts.</summary>
    public LeafReport? First { get; init; }

    /// <summary>The hash as first heard, in a report or with a node, and from whom.</summary>
    public (UInt128 Value, string Worker)? Hash { get; init; }

    /// <summary>Another hash for the same leaf: a third worker has to decide.</summary>
    public (UInt128 Value, string Worker)? Rival { get; init; }

    /// <summary>Whether its vector is added.</summary>
    public bool IsIn { get; init; }

    /// <summary>Whether a second computation gave the same.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>Who was asked for its vector.</summary>
    public ImmutableSortedSet<string> Owners { get; init; } = [];

    /// <summary>Who computes it again, because it is drawn, not finite, or two disagree.</summary>
    public string? Judge { get; init; }

    /// <summary>Workers that could not compute it.</summary>
    public ImmutableSortedSet<string> FailedAt { get; init; } = [];

    public bool IsSettled => IsIn && First is { Finite: true } && Rival is null && (IsConfirmed || !IsDrawn);

    /// <summary>A result is here that does not count before somebody else has it too.</summary>
    public bool NeedsJudge => Rival is not null || First is { Finite: false } || (IsDrawn && !IsConfirmed && First is not null);

    /// <summary>Its report or its vector is still to come. Nobody needs the vector of a leaf that is not finite.</summary>
    public bool NeedsOwner => First is null || (First.Finite && !IsIn);

    /// <summary>Whether the run waits for something of it that this worker was asked for.</summary>
    public bool IsOwedBy(string worker) =>
        !FailedAt.Contains(worker) && ((Owners.Contains(worker) && NeedsOwner) || (Judge == worker && NeedsJudge));
}
