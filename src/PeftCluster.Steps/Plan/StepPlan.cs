namespace PeftCluster.Steps.Plan;

/// <summary>Everything random or counted about one step, settled before the step (a pure function of job, index and step number).</summary>
/// <param name="Step">The step's number, from 0.</param>
/// <param name="Epoch">The pass over the data that the step belongs to, from 0.</param>
/// <param name="MicroBatches">One per data shard, in the order of the shards; may be empty at an epoch's end.</param>
/// <param name="Denominator">Labelled tokens of the whole step; every worker divides its loss and gradient by it.</param>
public sealed record StepPlan(int Step, int Epoch, IReadOnlyList<MicroBatch> MicroBatches, long Denominator);

/// <summary>The rows of one shard in one step, in a fixed padded shape, always computed alone.</summary>
/// <param name="Shard">The shard's number, which is the leaf's number in the reduction tree.</param>
/// <param name="Rows">Row numbers of the prepared data; empty gives a zero leaf.</param>
/// <param name="PaddedLength">The common length that rows are padded to on the right; a multiple of 16.</param>
/// <param name="Labels">Labelled tokens of these rows.</param>
/// <param name="Tokens">Tokens of these rows without padding.</param>
public sealed record MicroBatch(int Shard, IReadOnlyList<int> Rows, int PaddedLength, int Labels, int Tokens);
