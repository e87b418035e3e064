using static TorchSharp.torch;

namespace PeftCluster.Examples.Make.Pretraining;

/// <summary>Rows of a batch at the P places where something is learnt. V tokens.</summary>
/// <param name="Logits">What the model says there: [P, V], its graph in the current dispose scope.</param>
/// <param name="Next">int64 [P], what must come there.</param>
/// <param name="RowOfPlace">The row of each of these places.</param>
public sealed record LearntBatch(Func<Tensor> Logits, Tensor Next, IReadOnlyList<int> RowOfPlace);
