using System.Text.Json.Serialization;

namespace PeftCluster.Steps.Plan;

/// <summary>Everything random or counted about one step, settled before the step (a pure function of job, index and step number).</summary>
/// <param name="Step">The step's number, from 0.</param>
/// <param name="Epoch">The pass over the data that the step belongs to, from 0.</param>
/// <param name="MicroBatches">One per data shard, in the order of the shards; may be empty at an epoch's end.</param>
/// <param name="Denominator">Labelled tokens of the whole step; every worker divides its loss and gradient by it.</param>
public sealed record StepPlan(int Step, int Epoch, IReadOnlyList<MicroBatch> MicroBatches, long Denominator)
{
    /// <summary>What the losses on answer choices are divided by, of the whole step; null: rows have no choices.</summary>
    public ChoiceCounts? Choices { get; init; }
}

/// <summary>The rows of one shard in one step, in a fixed padded shape, always computed alone.</summary>
/// <param name="Shard">The shard's number, which is the leaf's number in the reduction tree.</param>
/// <param name="Rows">Row numbers of the prepared data; empty gives a zero leaf.</param>
/// <param name="PaddedLength">The common length that rows are padded to on the right; a multiple of 16.</param>
/// <param name="Labels">Labelled tokens of these rows; of answer choices those of the right ones.</param>
/// <param name="Tokens">Tokens of these rows without padding; of one with choices its prompt and its longest choice.</param>
public sealed record MicroBatch(int Shard, IReadOnlyList<int> Rows, int PaddedLength, int Labels, int Tokens)
{
    /// <summary>Where each of <see cref="Rows"/> stands when several share a padded row, in their order; null: each has a padded row of its own.</summary>
    public IReadOnlyList<PackedPlace>? Packing { get; init; }

    /// <summary>Tokens of these rows' wrong choices; 0 without choices.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int WrongLabels { get; init; }

    /// <summary>Padded rows: what is computed side by side.</summary>
    [JsonIgnore]
    public int PaddedRows => Packing is { Count: > 0 } packing ? packing[^1].Row + 1 : Rows.Count;
}

/// <summary>Where a row of the data stands in a packed micro-batch. It sees nothing of its neighbours, and its places count from 0.</summary>
/// <param name="Row">The padded row, from 0; ascending within a micro-batch, without gaps.</param>
/// <param name="Start">Its first token's place there.</param>
/// <param name="Length">Its tokens.</param>
public readonly record struct PackedPlace(int Row, int Start, int Length);
