namespace PeftCluster.Steps.Randomness;

/// <summary>
/// What random numbers of a job are for. The words go into keys (<see cref="Philox4x32.Key"/>): changing one changes every
/// result that it touches.
/// </summary>
public static class PhiloxPurpose
{
    /// <summary>Which row goes to which data shard.</summary>
    public const string Shards = "shards";

    /// <summary>The order of a shard's rows in an epoch; stream = epoch · 2³² + shard.</summary>
    public const string Order = "order";

    /// <summary>The order of a shard's micro-batches in an epoch, where rows are grouped by length; stream = epoch · 2³² + shard.</summary>
    public const string BatchOrder = "batch order";

    /// <summary>Which rows of an entry of a mixture stand once more in a pass; stream = the entry.</summary>
    public const string Mixture = "mixture";

    /// <summary>Which training examples are learnt from, where they are few; seed = examples_seed, stream = 0, or 1 + the right choice where they are balanced.</summary>
    public const string Examples = "examples";

    /// <summary>The right choice of a training example whose label is shuffled; seed = examples_seed, stream = the example.</summary>
    public const string ShuffledLabels = "shuffled labels";

    /// <summary>Version 0 of the adapter; stream = the slice's number in the layout.</summary>
    public const string InitialValues = "initial values";

    /// <summary>Dropout, counted by step, shard, row, site and index.</summary>
    public const string Dropout = "dropout";

    /// <summary>Rows of a change that are left out; counted as dropout is, but by no row of the data.</summary>
    public const string RowDropout = "row dropout";

    /// <summary>Layers whose change is left out; counted in the same way.</summary>
    public const string LayerDropout = "layer dropout";

    /// <summary>NEFTune's noise, counted as dropout is.</summary>
    public const string EmbeddingNoise = "embedding noise";

    /// <summary>A weight of the base that its files lack; followed by the weight's name, with seed 0.</summary>
    public const string MissingWeight = "missing weight";

    /// <summary>The examples before a held-out row's prompt; seed = demonstrations_seed, stream = the row's example (the row, where there is one template), or 0 where all rows share them.</summary>
    public const string Demonstrations = "demonstrations";

    /// <summary>Which of those examples get a wrong answer, and which one; seed and stream as theirs.</summary>
    public const string WrongLabels = "wrong labels";

    /// <summary>Tokens of a drawn answer; seed = the caller's, stream = the row.</summary>
    public const string Sampling = "sampling";

    /// <summary>Tokens of the rows that a merged model is checked with; seed and stream are 0.</summary>
    public const string MergeCheck = "merge check";

    /// <summary>Which numbers of an adapter DARE keeps when adapters are combined; seed = the caller's, stream = (module · adapters + adapter) · 2 + (1 for B).</summary>
    public const string Dare = "dare";

    /// <summary>Which micro-batches are computed by a second worker too; stream = step · 2³² + shard.</summary>
    public const string Audit = "audit";
}
