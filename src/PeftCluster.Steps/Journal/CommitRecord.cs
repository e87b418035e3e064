using PeftCluster.Steps.Optimizers;

namespace PeftCluster.Steps.Journal;

/// <summary>
/// What made a step, kept for ever: the receipt of version <c>Step + 1</c>. The summed gradient itself lies in a
/// <see cref="SummedGradient"/> of its own, since it is large and may be dropped later; its hash stays here.
/// </summary>
public sealed record CommitRecord
{
    /// <summary>The step's number, from 0.</summary>
    public required int Step { get; init; }

    /// <summary>Learning rate, bias corrections, norm and clip factor: a replay reads them.</summary>
    public required StepUpdate Update { get; init; }

    /// <summary>The sum of the labelled tokens' losses, added in the order of the shards; not divided.</summary>
    public required double LossSum { get; init; }

    /// <summary>What the loss and the gradient were divided by.</summary>
    public required long Denominator { get; init; }

    /// <summary>Tokens computed in the step, without padding.</summary>
    public required long Tokens { get; init; }

    /// <summary>Which rows were learnt from (<see cref="Plan.PlanHash"/>).</summary>
    public required UInt128 RowsHash { get; init; }

    /// <summary>The hash of every micro-batch's gradient, by shard (<see cref="Reduction.LeafHash"/>).</summary>
    public required IReadOnlyList<UInt128> LeafHashes { get; init; }

    /// <summary>The hash of the summed gradient, not clipped.</summary>
    public required UInt128 GradientHash { get; init; }

    /// <summary>The hash of the adapter's vector after the step.</summary>
    public required UInt128 AdapterHash { get; init; }

    /// <summary>What was decided before the step and cannot be computed again.</summary>
    public IReadOnlyList<Decision> Decisions { get; init; } = [];
}

/// <summary>Something decided at a step: an evaluation taken, an early stop, an edit.</summary>
/// <param name="Kind">A word for machines, for example <c>evaluation</c>.</param>
/// <param name="Detail">What was decided; the journal does not look inside.</param>
public sealed record Decision(string Kind, string Detail);

/// <summary>
/// What was decided at a version that no step follows: after the last one, or an early stop. No record of a step can hold it, so it is a frame of its
/// own. It names the chain's hash and is no link of it: another attempt may come to the same version and go on from there.
/// </summary>
/// <param name="Version">The version in hand.</param>
/// <param name="Chain">The chain's hash at it, 64 hex digits.</param>
/// <param name="Decisions">What was decided.</param>
public sealed record LastDecisions(int Version, string Chain, IReadOnlyList<Decision> Decisions);

/// <summary>A record with the chain's hash after it.</summary>
/// <param name="Record">What made the step.</param>
/// <param name="Chain">The chain's hash, 64 hex digits (<see cref="JournalChain"/>).</param>
public sealed record JournalEntry(CommitRecord Record, string Chain);

/// <summary>The summed gradient of one step, with which the step can be made again without a worker.</summary>
/// <param name="Step">The step's number.</param>
/// <param name="LayoutHash">The hash of the layout that the vector has.</param>
/// <param name="Vector">The sum, not clipped, padding included.</param>
public sealed record SummedGradient(int Step, string LayoutHash, ReadOnlyMemory<float> Vector);
